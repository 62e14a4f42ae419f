using System.Buffers;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Diagnostics;

/// <summary>
/// Blanks what looks like a secret in texts that come from elsewhere: messages of databases, servers and plug-ins. What it does not
/// recognise stays. Takes time that is linear in the length of the text. Thread-safe.
/// </summary>
internal static class Secrets
{
    private const string Blanked = "…";
    private const int LongestValue = 4_096;
    private static readonly SearchValues<char> EndsOfWords = SearchValues.Create(" \t,&\"')}]");

    // Without backtracking, a hostile text costs no more than a long one.
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    private static readonly Regex PrivateKey = new(
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]|-[^-])*(-----END [A-Z ]*PRIVATE KEY-----)?", Options);

    private static readonly Regex UserInfo = new(@"\b[a-z][a-z0-9+.\-]*://[^\s/?#'""<>]*@", Options);

    private static readonly Regex UrlQuery = new(@"\b[a-z][a-z0-9+.\-]*://[^\s?'""<>]*\?[^\s'""<>]+", Options);

    private static readonly Regex Scheme = new(
        @"\b(Bearer|Basic|Digest|Negotiate|SharedKey|SharedAccessSignature)[ \t]+[^\s,;'"")]+",
        Options);

    // JSON Web Tokens, and keys of AWS, GitHub, Slack and others that are known by how they begin.
    private static readonly Regex KnownToken = new(
        @"\b(eyJ[\w\-]{8,}\.[\w\-]+\.[\w\-]*|(AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|" +
            @"xox[abprs]-[\w\-]{10,}|sk-[\w\-]{20,})",
        Options);

    private const string SecretName =
        @"(passw(or)?d|passphrase|pwd|secret|token|credential|signature|authorization|" +
        @"(api|access|account|private|shared|subscription|encryption|storage)[_\- ]?key)";

    // A name before a colon has no dots: a frame of a stack trace ends with the name of a file, a colon and a line.
    private static readonly Regex Name = new(
        @$"(--)?([\w.\-]*{SecretName}[\w.\-]*[""']?[ \t]*(=>|=)|[\w\-]*{SecretName}[\w\-]*[""']?[ \t]*:|" +
            @"\b(key|sig)[""']?[ \t]*=|--[\w\-]*(passw(or)?d|pwd|secret|token|key)[ \t])[ \t]*",
        Options);

    /// <summary>The text without secrets.</summary>
    public static string Blank(string text)
    {
        if (text.Length == 0) return text;
        text = PrivateKey.Replace(text, Blanked);
        text = UserInfo.Replace(text, static match => $"{UpTo(match.Value, "://")}{Blanked}@");
        text = UrlQuery.Replace(text, static match => $"{UpTo(match.Value, "?")}{Blanked}");
        text = Scheme.Replace(text, static match => $"{match.Groups[1].Value} {Blanked}");
        text = KnownToken.Replace(text, Blanked);
        return BlankValues(text);
    }

    /// <summary>An exception for a log: itself, or one without the secrets that its texts have.</summary>
    public static Exception Blank(Exception exception)
    {
        var text = exception.ToString();
        var blanked = Blank(text);
        return blanked == text ? exception : new BlankedException(exception, blanked);
    }

    private static string UpTo(string text, string mark) => text[..(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)];

    private static string BlankValues(string text)
    {
        var kept = new System.Text.StringBuilder(text.Length);
        var from = 0;
        while (Name.Match(text, from) is { Success: true } match)
        {
            var start = match.Index + match.Length;
            var end = EndOfValue(text, match.Index, start);
            kept.Append(text, from, start - from);
            if (end > start) kept.Append(Blanked[0]);
            from = end;
        }

        return from == 0 ? text : kept.Append(text, from, text.Length - from).ToString();
    }

    // A quoted value ends with its quote. Another ends with its word; in a connection string, it may have spaces.
    private static int EndOfValue(string text, int name, int start)
    {
        if (start == text.Length) return start;
        if (text.AsSpan(start).StartsWith(Blanked)) return start + Blanked.Length;
        var (open, close) = (text[start], text[start]);
        if (open is '{') close = '}';
        if (open is '"' or '\'' or '{')
        {
            for (var i = start + 1; i < text.Length; i++)
            {
                if (text[i] == '\\' && open != '{')
                {
                    i++;
                }
                else if (text[i] == close)
                {
                    if (i + 1 == text.Length || text[i + 1] != close) return i + 1;
                    i++;
                }
            }

            return text.Length;
        }

        var line = text.AsSpan(start, Math.Min(text.Length - start, LongestValue));
        if (line.IndexOfAny('\r', '\n') is >= 0 and var length) line = line[..length];
        if (line.IndexOf(';') is >= 0 and var semicolon) return start + semicolon;
        if (text.AsSpan(0, name).TrimEnd(' ').EndsWith(';')) return start + line.Length;
        var word = line.IndexOfAny(EndsOfWords);
        return start + (word < 0 ? line.Length : word);
    }

    /// <summary>Stands for an exception in a log. It reads as that one does, but for its secrets.</summary>
    private sealed class BlankedException(Exception exception, string text) : Exception(Blank(exception.Message))
    {
        public override string? StackTrace => exception.StackTrace;

        public override string ToString() => text;
    }
}
