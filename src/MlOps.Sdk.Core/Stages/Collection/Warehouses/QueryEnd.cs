using System.Text.RegularExpressions;

namespace MlOps.Sdk.Collection;

/// <summary>Cuts the semicolon from the end of a query, also one before comments, so that the query can stand in parentheses.</summary>
internal static partial class QueryEnd
{
    public static string Cut(string sql)
    {
        // Texts, quoted names and comments are passed over as a whole: a semicolon or a dash within them ends nothing.
        var end = 0;
        foreach (Match part in Parts().Matches(sql))
        {
            var isEnd = part.ValueSpan is ";" || part.ValueSpan.IsWhiteSpace() || part.ValueSpan.StartsWith("--")
                || part.ValueSpan.StartsWith("/*");
            if (!isEnd) end = part.Index + part.Length;
        }

        // What begins no comment in one dialect may be one in another, so nothing but semicolons is taken away.
        return sql[..end] + sql[end..].Replace(";", " ", StringComparison.Ordinal);
    }

    [GeneratedRegex(
        """'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|\s+|.""", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
