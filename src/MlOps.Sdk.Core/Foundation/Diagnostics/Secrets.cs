using System.Text;
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

    // Without backtracking, a hostile text costs no more than a long one.
    private const RegexOptions Options =
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture;

    // A quote, unescaped or as it is written within JSON, XML and URLs.
    private const string Quote = @"(\\*[""'`]|\\+u002[27]|&quot;|&apos;|&#3[49];|%2[27])";
    private static readonly string[] QuoteEntities = ["&quot;", "&apos;", "&#34;", "&#39;", "%22", "%27"];

    private const string SecretName =
        @"(passw(or)?d|passphrase|passcode|pwd|secret|token|credential|signature|authorization|" +
        @"(api|access|account|private|shared|subscription|encryption|storage|sas|signing|master|client|function|hmac)[_\- ]?key)";

    private static readonly Regex PrivateKey = new("-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----", Options);

    private static readonly Regex UserInfo = new(@"\b[a-z][a-z0-9+.\-]*://[^\s'""<>]*@", Options);

    // What stands before a host without the scheme of an address, or is an argument of a tool. Digits and a slash are a port and a path.
    private static readonly Regex UserPassword = new(
        @"[\w.\-]+:([^\s@/'""<>]+|[^\s@/'""<>]*[^\s@/'""<>\d][^\s@'""<>]*)@[\w\[]|" +
            @"\B(?<tool>-u|--user)[ \t=]+[""']?[^\s:'""]+:[^\s'""]+",
        Options);

    private static readonly Regex UrlQuery = new(@"\b[a-z][a-z0-9+.\-]*://[^\s?'""<>]*\?[^\s'""<>]+", Options);

    private static readonly Regex Scheme = new(
        @"\b(?<scheme>Bearer|Basic|Digest|Negotiate|SharedKey|SharedAccessSignature)[ \t]+[^\s,;'"")]+",
        Options);

    // JSON Web Tokens, and keys of AWS, GitHub, Slack and others that are known by how they begin.
    private static readonly Regex KnownToken = new(
        @"\b(eyJ[\w\-]{8,}\.[\w\-]+\.[\w\-]*|(AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}|" +
            @"xox[abeprs]-[\w\-]{10,}|hooks\.slack\.com/services/[\w/]+|sk-[\w\-]{20,}|[sr]k_(live|test)_\w{10,}|" +
            @"AIza[\w\-]{20,}|ya29\.[\w\-]{10,}|hf_\w{20,}|npm_\w{30,}|dapi[0-9a-f]{32}|SG\.[\w\-]{16,}\.[\w\-]{16,})",
        Options);

    // With a closing tag: type arguments in a stack trace look alike.
    private static readonly Regex Element = new(
        @$"<[\w.\-:]*{SecretName}[\w.\-]*(\s[^<>]*)?>(<!\[CDATA\[)?[^<]+</", Options);

    private static readonly Regex Pair = new(@$"\[[\w.\-]*{SecretName}[\w.\-]*,[^\]\r\n]*", Options);

    // Its value may have a word that says of what kind it is.
    private static readonly Regex Header = new($@"\b(authorization|cookie){Quote}?[ \t]*[:=][ \t]*", Options);

    // A name before a colon has no dots: a frame of a stack trace ends with the name of a file, a colon and a line.
    private static readonly Regex Name = new(
        @$"(\b(key|name)[ \t]*=[ \t]*[""'][^""'\r\n]*{SecretName}[^""'\r\n]*[""']\s+value[ \t]*=|" +
            @$"(--)?[\w.\-]*{SecretName}[\w.\-]*{Quote}?[ \t]*(=>|->|=|%3D)|" +
            @$"[\w\-]*{SecretName}[\w\-]*{Quote}?[ \t]*(:|%3A)|" +
            @$"\([""'][\w.\-]*{SecretName}[\w.\-]*[""'],|" +
            @$"\b(key|sig|pass|pw|psw|jwt|sas){Quote}?[ \t]*=|\b(pass|pw|jwt|bearer|x-auth){Quote}?[ \t]*:|" +
            @"\b(passw(or)?d|passphrase|pwd|secret)[ \t]+[""'`]|\bidentified[ \t]+by\s|" +
            @"--[\w\-]*(passw(or)?d|pwd|secret|token|key)\s)(=|\s)*([|>]\s+)?",
        Options);

    /// <summary>The text without secrets.</summary>
    public static string Blank(string? text)
    {
        // The message of an exception may be anything.
        if (string.IsNullOrEmpty(text)) return "";
        text = BlankPrivateKeys(text);
        text = UserInfo.Replace(text, static match => HasUserInfo(match.Value) ? $"{UpTo(match.Value, "://")}{Blanked}@" : match.Value);
        text = UserPassword.Replace(
            text, static match => match.Groups["tool"] is { Success: true } tool ? $"{tool} {Blanked}" : $"{Blanked}@{match.Value[^1]}");
        text = UrlQuery.Replace(text, static match => $"{UpTo(match.Value, "?")}{Blanked}");
        text = BlankValues(text, Header, EndOfHeader);
        text = Scheme.Replace(text, static match => $"{match.Groups["scheme"]} {Blanked}");
        text = KnownToken.Replace(text, Blanked);
        text = Element.Replace(text, static match => $"{UpTo(match.Value, ">")}{Blanked}</");
        text = Pair.Replace(text, static match => $"{UpTo(match.Value, ",")} {Blanked}");
        return BlankValues(text, Name, EndOfValue);
    }

    /// <summary>An exception for a log: itself, or one without the secrets that its texts have.</summary>
    public static Exception Blank(Exception exception)
    {
        var text = exception.ToString();
        var blanked = Blank(text);
        return blanked == text ? exception : new BlankedException(exception, blanked);
    }

    /// <summary>The exception that one for a log was made of: its texts may have secrets.</summary>
    public static Exception Unblanked(Exception exception) => exception is BlankedException blanked ? blanked.Original : exception;

    private static string UpTo(string text, string mark) => text[..(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)];

    private static string BlankPrivateKeys(string text)
    {
        var kept = new StringBuilder();
        var from = 0;
        while (PrivateKey.Match(text, from) is { Success: true } match)
        {
            kept.Append(text, from, match.Index - from).Append(Blanked[0]);
            var end = text.IndexOf("-----END", match.Index + match.Length, StringComparison.OrdinalIgnoreCase);
            var last = end < 0 ? -1 : text.IndexOf("-----", end + 8, StringComparison.Ordinal);
            from = last < 0 ? text.Length : last + 5;
        }

        return from == 0 ? text : kept.Append(text, from, text.Length - from).ToString();
    }

    // A password may have characters that belong into an address only encoded; an @ in a path comes after a host, or a host and a port.
    private static bool HasUserInfo(string url)
    {
        var rest = url.AsSpan(url.IndexOf("://", StringComparison.Ordinal) + 3);
        var end = rest.IndexOfAny("/?#");
        if (end < 0) return true;
        var authority = rest[..end];
        return authority.Contains('@')
            || (authority.IndexOf(':') is >= 0 and var colon && authority[(colon + 1)..].ContainsAnyExceptInRange('0', '9'));
    }

    private static string BlankValues(string text, Regex name, Func<string, int, int, int> endOfValue)
    {
        var kept = new StringBuilder(text.Length);
        var from = 0;
        while (name.Match(text, from) is { Success: true } match)
        {
            // The quote that told of a value is its first character.
            var start = match.Index + match.Length;
            if (match.Value[^1] is '"' or '\'' or '`') start--;
            var end = endOfValue(text, match.Index, start);
            kept.Append(text, from, start - from);
            if (end > start) kept.Append(Blanked[0]);
            from = Math.Max(end, match.Index + match.Length);
        }

        return from == 0 ? text : kept.Append(text, from, text.Length - from).ToString();
    }

    private static int EndOfHeader(string text, int name, int start)
    {
        if (QuoteAt(text, start) is { } quote) return EndOfQuoted(text, start, quote);
        var end = text.AsSpan(start).IndexOfAny('\r', '\n');
        return end < 0 ? text.Length : start + end;
    }

    // A quoted value ends with its quote. Another ends with its word; in a connection string, it may have spaces.
    private static int EndOfValue(string text, int name, int start)
    {
        if (start == text.Length) return start;
        if (text.AsSpan(start).StartsWith(Blanked)) return start + Blanked.Length;
        if (QuoteAt(text, start) is { } quote)
        {
            var end = EndOfQuoted(text, start, quote);

            // What follows without a gap belongs to it.
            return end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == quote[^1]) ? EndOfWord(text, name, end) : end;
        }

        var line = text.AsSpan(start, Math.Min(text.Length - start, LongestValue));
        if (line.IndexOfAny('\r', '\n') is >= 0 and var length) line = line[..length];
        if (line.IndexOf(';') is >= 0 and var semicolon) return start + semicolon;
        if (text.AsSpan(0, name).TrimEnd(' ').EndsWith(';')) return start + line.Length;
        return EndOfWord(text, name, start);
    }

    // Only a parameter of a form or an address ends with an ampersand; elsewhere, any character may be one of the secret.
    private static int EndOfWord(string text, int name, int start)
    {
        var isParameter = name > 0 && text[name - 1] is '?' or '&';
        var end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !(isParameter && text[end] == '&'))
        {
            end += text[end] == '\\' && end + 1 < text.Length ? 2 : 1;
        }

        while (end > start + 1 && text[end - 1] is ',' or '.' or ':' or ')' or '}' or ']' or '>' or '"' or '\'' or '`') end--;
        return end;
    }

    private static string? QuoteAt(string text, int start)
    {
        var at = start;
        while (at < text.Length && text[at] == '\\') at++;
        if (at == text.Length) return null;
        if (text[at] is '"' or '\'' or '`') return text[start..(at + 1)];
        if (at == start && text[at] == '{') return "}";
        var rest = text.AsSpan(at);
        if (at > start) return rest.StartsWith("u0022") || rest.StartsWith("u0027") ? text[start..(at + 5)] : null;
        foreach (var entity in QuoteEntities)
        {
            if (rest.StartsWith(entity, StringComparison.OrdinalIgnoreCase)) return entity;
        }

        return null;
    }

    // Where it has no end, the rest may be secret.
    private static int EndOfQuoted(string text, int start, string quote)
    {
        for (var i = start + (quote == "}" ? 1 : quote.Length); i < text.Length; i++)
        {
            if (string.Compare(text, i, quote, 0, quote.Length, StringComparison.OrdinalIgnoreCase) != 0)
            {
                if (quote is "\"" or "'" or "`" && text[i] == '\\') i++;
                continue;
            }
            if (quote.Length > 1)
            {
                // With one more backslash, it is a quote of the value.
                if (quote[0] != '\\' || text[i - 1] != '\\') return i + quote.Length;
                i += quote.Length - 1;
                continue;
            }
            if (i + 1 == text.Length || text[i + 1] != quote[0]) return i + 1;
            i++;
        }

        return text.Length;
    }

    /// <summary>Stands for an exception in a log. It reads as that one does, except for its secrets.</summary>
    private sealed class BlankedException(Exception exception, string text) : Exception(Blank(exception.Message))
    {
        public Exception Original => exception;

        public override string? StackTrace => exception.StackTrace;

        public override string ToString() => text;
    }
}
