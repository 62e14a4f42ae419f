using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>The content of files that a query reads, by their hashes.</summary>
internal static class FileContents
{
    /// <summary>Hashes files, unless they are known and nothing was written since.</summary>
    public static async ValueTask<DatabaseContent> ReadAsync(
        IReadOnlyList<string> patterns, DatabaseContent? known, CancellationToken cancellationToken)
    {
        // The stamp is older than the hash, so that what is written meanwhile is noticed.
        var stamp = FileStamp.Of(patterns.SelectMany(Matches));
        return stamp == known?.Stamp
            ? known
            : new DatabaseContent(stamp, await HashAsync(patterns, cancellationToken).ConfigureAwait(false));
    }

    private static async ValueTask<string> HashAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var pattern in patterns)
        {
            foreach (var file in Matches(pattern))
            {
                const FileOptions forward = FileOptions.Asynchronous | FileOptions.SequentialScan;
                var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, forward);
                await using (stream.ConfigureAwait(false))
                {
                    var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
                    text.Append(Convert.ToHexStringLower(hash)).Append('\u001f');
                }
            }
        }

        return text.ToString();
    }

    /// <exception cref="MlOpsException">There is no such file.</exception>
    public static IReadOnlyList<string> Matches(string pattern)
    {
        var wild = pattern.IndexOfAny(['*', '?']);
        if (wild < 0) return File.Exists(pattern) ? [pattern] : throw Missing(pattern);
        var end = pattern.AsSpan(0, wild).LastIndexOfAny('/', Path.DirectorySeparatorChar);
        var folder = end < 0 ? "." : end == 0 ? "/" : pattern[..end];
        if (!Directory.Exists(folder)) throw Missing(pattern);
        var glob = FolderSource.PatternOf(pattern[(end + 1)..]);
        string[] files =
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(file => glob.IsMatch(Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0 ? files : throw Missing(pattern);
    }

    private static MlOpsException Missing(string pattern) => new(
        $"No file matches '{pattern}'.",
        "Name in DuckDbOptions.Files what the query reads, by paths or with *, ** and ?.");
}
