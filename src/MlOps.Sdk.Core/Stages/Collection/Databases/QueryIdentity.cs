using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Tells queries apart that mark how far they were read: by their text without comments, literal texts and numbers, which may change.
/// Names stay, quoted ones too, since another column gives other rows. Only a short hash of it is kept.
/// </summary>
internal static partial class QueryIdentity
{
    public static string Of(string sql) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(WithoutLiterals(sql))))[..16];

    // Watermarks of earlier versions are compared with it: it stays as it is.
    private static string WithoutLiterals(string sql)
    {
        var outside = sql.Contains('\\', StringComparison.Ordinal) ? Quoted().Replace(sql, "'…'") : sql;
        return Literals().Replace(outside, match => match.ValueSpan[0] is '"' or '`' ? match.Value : "'…'");
    }

    [GeneratedRegex(
        """--[^\n]*|/\*.*?(?:\*/|$)|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?(?:\$\1\$|$)|'(?:[^']|'')*(?:'|$)|\b\d[\w.]*""",
        RegexOptions.Singleline)]
    private static partial Regex Literals();

    [GeneratedRegex("""['"`$].*['"`$]""", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
