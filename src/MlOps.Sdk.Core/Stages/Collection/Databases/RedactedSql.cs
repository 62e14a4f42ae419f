using System.Buffers;
using System.Text;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A query without its comments, literal texts and numbers, which may be secret. Nobody says of what dialect it is, so what any dialect
/// takes for one of them goes. A double-quoted text, which is a name or a literal, stays only where it must be a name.
/// </summary>
internal static class RedactedSql
{
    private const string Gone = "'…'";
    private static readonly SearchValues<char> Quotes = SearchValues.Create("'\"`");

    private static readonly SqlDialect[] Dialects =
    [
        // SQLite, and others that keep to the standard.
        SqlDialect.Bracket | SqlDialect.Backtick,

        // PostgreSQL and DuckDB; the second as PostgreSQL reads the continuation of E'…', and read everything once.
        SqlDialect.EscapeString | SqlDialect.Dollar | SqlDialect.NestedComment,
        SqlDialect.Backslash | SqlDialect.Dollar | SqlDialect.NestedComment,

        // MySQL and MariaDB, the second without escapes.
        SqlDialect.Backslash | SqlDialect.HashComment | SqlDialect.SpacedComment | SqlDialect.ExecutableComment | SqlDialect.Backtick,
        SqlDialect.HashComment | SqlDialect.SpacedComment | SqlDialect.ExecutableComment | SqlDialect.Backtick,

        // SQL Server, Oracle, and the warehouses: BigQuery, Spark and ClickHouse; Snowflake.
        SqlDialect.Bracket | SqlDialect.DoubledBracket | SqlDialect.NestedComment,
        SqlDialect.QQuote,
        SqlDialect.Backslash | SqlDialect.TripleQuote | SqlDialect.HashComment | SqlDialect.Backtick,
        SqlDialect.Backslash | SqlDialect.Dollar | SqlDialect.SlashComment
    ];

    /// <summary>What of a query may be kept.</summary>
    public static string Of(string sql)
    {
        var isSecret = new bool[sql.Length];
        var isBalanced = true;
        foreach (var dialect in Dialects) isBalanced &= new SqlScanner(sql, dialect, isSecret).Run();
        if (!isBalanced)
        {
            // A dialect that was not thought of may be the one.
            var first = sql.AsSpan().IndexOfAny(Quotes);
            var last = sql.AsSpan().LastIndexOfAny(Quotes);
            if (first >= 0) isSecret.AsSpan(first..(last + 1)).Fill(true);
        }

        var kept = new StringBuilder(sql.Length);
        for (var i = 0; i < sql.Length; i++)
        {
            if (!isSecret[i]) kept.Append(sql[i]);
            else if (i == 0 || !isSecret[i - 1]) kept.Append(Gone);
        }

        // A word may be one, too: identified by …
        return Secrets.Blank(kept.ToString());
    }
}
