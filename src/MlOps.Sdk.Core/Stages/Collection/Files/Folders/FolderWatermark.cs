using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>Which files of a folder have been read, with the version of each.</summary>
internal sealed class FolderWatermark
{
    private const string Kind = "files";
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);

    private FolderWatermark()
    {
    }

    public static FolderWatermark Parse(Watermark watermark, string name)
    {
        var lines = watermark.Value.Split('\n');
        var read = new FolderWatermark();
        foreach (var line in lines.Skip(1))
        {
            if (line.Split(' ') is [var file, var version]) read._versions[Uri.UnescapeDataString(file)] = version;
        }

        return lines[0] == Kind && read._versions.Count == lines.Length - 1
            ? read
            : throw new MlOpsException(
                "The watermark of the last run cannot be used for this folder.",
                "Run once without OnlyNew, and then with it again.") { DataSource = name };
    }

    /// <summary>
    /// Files that are gone are remembered, so that they are not read again when they come back; those that have no rows yet are not.
    /// </summary>
    public static Watermark Of(IEnumerable<FolderPart> parts, FolderWatermark? earlier)
    {
        var all = new SortedDictionary<string, string>(earlier?._versions ?? [], StringComparer.Ordinal);
        foreach (var part in parts.Where(part => part.Records > 0)) all[part.Name] = part.Version.Value;
        return new Watermark(string.Join('\n', all.Select(file => $"{Uri.EscapeDataString(file.Key)} {file.Value}").Prepend(Kind)));
    }

    public static ContentVersion VersionOf(IEnumerable<FolderPart> parts) =>
        new($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Of(parts, null).Value)))}");

    public string? VersionOf(string file) => _versions.GetValueOrDefault(file);
}
