using System.Globalization;

namespace MlOps.Sdk.Collection;

/// <summary>How far a file that only grows was read.</summary>
/// <param name="Records">The records that were read or quarantined.</param>
/// <param name="Length">The bytes of its text, in UTF-8 and not compressed.</param>
/// <param name="Hash">Their SHA-256.</param>
internal sealed record FileWatermark(long Records, long Length, string Hash)
{
    public static FileWatermark Parse(Watermark watermark, string name)
    {
        var parts = watermark.Value.Split(' ');
        return parts is ["records", var records, "bytes", var length, "sha256", var hash]
            && long.TryParse(records, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0
            ? new FileWatermark(count, bytes, hash)
            : throw new MlOpsException(
                "The watermark of the last run cannot be used for this file.",
                "Run once without OnlyNew, and then with it again.") { DataSource = name };
    }

    public Watermark ToWatermark() => new(string.Create(CultureInfo.InvariantCulture, $"records {Records} bytes {Length} sha256 {Hash}"));
}
