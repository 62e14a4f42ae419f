using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>A stamp of files by their paths, lengths and times of writing: another one when a file was written, added or removed.</summary>
internal static class FileStamp
{
    public static string Of(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in files.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var link = new FileInfo(path);
            var file = link.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? link;
            var line = file.Exists
                ? string.Create(CultureInfo.InvariantCulture, $"{path}|{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}\n")
                : $"{path}|\n";
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
