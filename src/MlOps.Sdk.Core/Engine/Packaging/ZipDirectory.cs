using System.Buffers.Binary;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// The directory at the end of a zip. It is read as a whole before any entry is, and takes several times its size in memory: a file that
/// nobody has verified yet must not be one of millions of entries. See https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.16.
/// </summary>
internal static class ZipDirectory
{
    // A package has a dozen entries with short names.
    private const int MaxLength = 64 * 1024;
    private const int EndLength = 22;
    private const int SignatureLength = 4;

    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'K', 5, 6];

    /// <summary>Makes sure that the directory is not larger than one of a package.</summary>
    /// <param name="zip">The file. What has no directory is for the reader to reject.</param>
    /// <exception cref="InvalidDataException">It is larger.</exception>
    public static void RequireSmall(ReadOnlySpan<byte> zip)
    {
        // The last one that has room for its fields, as the reader finds it.
        if (zip.Length < EndLength) return;
        var searched = zip[..^(EndLength - SignatureLength)];
        if (searched.LastIndexOf(Signature) is not (>= 0 and var at)) return;
        var end = zip.Slice(at, EndLength);
        var (disk, entries) = (BinaryPrimitives.ReadUInt16LittleEndian(end[4..]), BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
        var start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);

        // Values that point to a second, larger directory end (zip64), which no package needs.
        var isLarge = disk == ushort.MaxValue || entries == ushort.MaxValue || start == uint.MaxValue;
        if (isLarge || zip.Length - (long)start > MaxLength)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"its directory has more than {MaxLength:N0} bytes, and a package has about a thousand"));
        }
    }
}
