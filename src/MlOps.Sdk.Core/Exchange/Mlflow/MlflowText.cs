using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MlOps.Sdk;

/// <summary>
/// Names and texts as MLflow keeps them. A name has letters, digits and <c>_ - . /</c> and blanks; another character is written as
/// <c>_xHHHH_</c> with the four hexadecimal digits of its UTF-16 code, and so is the underscore of a name that has such a part already:
/// the name can be read back. See mlflow/utils/validation.py of MLflow.
/// </summary>
internal static partial class MlflowText
{
    public const int LongestExperiment = 500;
    public const int LongestName = 250;

    // Servers before MLflow 2.8 keep no longer ones; later ones 6,000.
    public const int LongestParameter = 500;

    // Servers before MLflow 2.16 keep no longer ones; later ones 8,000.
    public const int LongestTag = 5_000;
    private const int HashLength = 16;

    /// <summary>A name of a parameter, a metric, a tag or an artifact.</summary>
    public static string NameOf(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var isOwnEscape = name[i] == '_' && EscapeBegin().IsMatch(name.AsSpan(i, Math.Min(6, name.Length - i)));
            Append(text, name[i], isOwnEscape || !(char.IsAsciiLetterOrDigit(name[i]) || name[i] is '_' or '-' or '.' or '/' or ' '));
        }

        // A name is a path, and must be the only way to write it.
        var written = text.ToString();
        if (written.Split('/').Any(part => part is "" or "." or ".."))
        {
            text.Clear();
            foreach (var c in written) Append(text, c, c is '/' || (c is '.' && written is "." or ".."));
            written = text.ToString();
        }
        return written.Length <= LongestName
            ? written
            : string.Concat(written.AsSpan(0, LongestName - HashLength - 1), "_", HashOf(name));
    }

    /// <summary>The name that <see cref="NameOf"/> was given, unless it was too long.</summary>
    public static string Read(string written) => Escape().Replace(
        written,
        match => ((char)int.Parse(match.ValueSpan[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString());

    /// <summary>A text that is cut where it is too long.</summary>
    public static string Cut(string text, int longest, ref int cut)
    {
        if (text.Length <= longest) return text;
        cut++;
        var end = longest - 1;
        if (char.IsHighSurrogate(text[end - 1])) end--;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static void Append(StringBuilder text, char c, bool isEscaped)
    {
        if (isEscaped) text.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X4}_");
        else text.Append(c);
    }

    private static string HashOf(string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];

    // What follows may be escaped, and begin with the underscore that the part lacks.
    [GeneratedRegex("^_x[0-9A-F]{4}", RegexOptions.CultureInvariant)]
    private static partial Regex EscapeBegin();

    [GeneratedRegex("_x[0-9A-F]{4}_", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
