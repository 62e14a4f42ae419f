using System.Data.Common;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The files that a query names: its texts and quoted names, and those of the views that it reads, which are paths or patterns of files
/// that exist. A text that is a path by chance does no harm: one file more is looked at.
/// </summary>
internal static partial class NamedFiles
{
    private const int LongestName = 4_096;

    /// <summary>The texts that may be paths, as the query writes them.</summary>
    public static async ValueTask<IReadOnlyList<string>> OfAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var views = new List<(string Name, string Sql)>();
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal AND sql IS NOT NULL";
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    views.Add((reader.GetString(0), reader.GetString(1)));
                }
            }
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([sql]);
        while (open.TryDequeue(out var text))
        {
            foreach (Match match in Quoted().Matches(text)) names.Add(TextOf(match.Value));
            foreach (var view in views.Where(view => text.Contains(view.Name, StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                views.Remove(view);
                open.Enqueue(view.Sql);
            }
        }

        return [.. names.Where(name => name.Length is > 0 and < LongestName && (IsPattern(name) || File.Exists(name)))];
    }

    /// <summary>The files that there are now.</summary>
    public static async ValueTask<IReadOnlyList<string>> MatchesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        List<string> files = [.. names.Where(name => !IsPattern(name))];
        string[] patterns = [.. names.Where(IsPattern)];
        if (patterns.Length == 0) return files;

        // DuckDB knows best what its patterns match. What it cannot expand must not end a transaction, so it has a connection of its own.
        var database = new DuckDBConnection("DataSource=:memory:");
        await using (database.ConfigureAwait(false))
        {
            await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            foreach (var pattern in patterns)
            {
                var command = database.CreateCommand();
                await using (command.ConfigureAwait(false))
                {
                    command.CommandText = $"SELECT file FROM glob('{pattern.Replace("'", "''", StringComparison.Ordinal)}')";
                    try
                    {
                        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                        await using (reader.ConfigureAwait(false))
                        {
                            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) files.Add(reader.GetString(0));
                        }
                    }
                    catch (DuckDBException) when (!cancellationToken.IsCancellationRequested)
                    {
                        // A text with a star that is no pattern of files.
                    }
                }
            }
        }

        return files;
    }

    // Extensions are not loaded here: what lies behind an address has no stamp.
    private static bool IsPattern(string name) =>
        name.AsSpan().IndexOfAny('*', '?', '[') >= 0 && !name.Contains("://", StringComparison.Ordinal);

    private static string TextOf(string quoted)
    {
        if (quoted[0] == '$') return quoted[2..^2];
        var quote = quoted[..1];
        return quoted[1..^1].Replace(quote + quote, quote, StringComparison.Ordinal);
    }

    [GeneratedRegex("""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$.*?\$\$""", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
