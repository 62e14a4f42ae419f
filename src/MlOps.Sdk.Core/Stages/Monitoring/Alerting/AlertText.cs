using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Alerts as texts for sinks. Messages hold names from data, which anybody may have chosen: here nothing in them calls people, becomes a
/// link or hides what follows. They read as before. Thread-safe.
/// </summary>
public static class AlertText
{
    // Of no width: what is on both sides of it is no mention, address or word of a markup any more.
    private const char Break = '\u200B';

    /// <summary>An alert in a few words: the model, and what changed.</summary>
    /// <param name="alert">The alert.</param>
    public static string Title(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.Kind == AlertKind.Resolved
            ? $"Resolved: {alert.Model}"
            : $"{alert.Model}: {string.Join(", ", alert.Signals.Select(Words))}";
    }

    /// <summary>Of which model, version, time and alert it is, in a line.</summary>
    /// <param name="alert">The alert.</param>
    public static string Details(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return string.Create(
            CultureInfo.InvariantCulture, $"{alert.Model}, version {alert.Version}, {alert.At:u}, alert {alert.Id}");
    }

    /// <summary>
    /// A text in one line, without mentions and links: control characters become spaces, and characters of no width (U+200B) separate what
    /// a chat or a mail program would take for more than text; times and numbers stay as they are. For HTML and the like, escape it as
    /// well.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">About how many characters it may have, at least 1; the rest is cut off, with an ellipsis.</param>
    public static string Plain(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        var plain = new StringBuilder(Math.Min(text.Length, longest) + 16);
        var previous = default(Rune);
        var (at, next) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            (at, next) = (next, next + rune.Utf16SequenceLength);
            if (plain.Length >= longest)
            {
                plain.Append('…');
                break;
            }
            if (IsHidden(rune))
            {
                plain.Append(' ');
                previous = default;
                continue;
            }

            // www.example.org, but not 0.35 nor the end of a sentence.
            if (previous.Value == '.' && Rune.IsLetter(rune)) plain.Append(Break);
            plain.Append(rune.ToString());
            if (rune.Value == '#' || (rune.Value is '@' or ':' or '/' or '!' && IsJoined(text, next) && !IsTime(text, at)))
            {
                plain.Append(Break);
            }
            previous = rune;
        }

        return plain.ToString();
    }

    /// <summary>The text for Slack, where three characters begin what is not text; they are written longer.</summary>
    internal static string Slack(string text, int longest)
    {
        for (var most = longest - 1; ; most = Math.Max(1, most / 2))
        {
            var escaped = Plain(text, most)
                .Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal);
            if (escaped.Length <= longest + 1) return escaped;
        }
    }

    // What a space follows, or nothing, is the end of a word.
    private static bool IsJoined(string text, int next) => next < text.Length && !char.IsWhiteSpace(text[next]);

    // The colons of 01:23:45, and not those of :100:, which a chat shows as a picture.
    private static bool IsTime(string text, int colon) => text[colon] == ':'
        && IsDigit(text, colon - 2) && IsDigit(text, colon - 1) && !IsDigit(text, colon - 3)
        && IsDigit(text, colon + 1) && IsDigit(text, colon + 2) && !IsDigit(text, colon + 3);

    private static bool IsDigit(string text, int at) => at >= 0 && at < text.Length && char.IsAsciiDigit(text[at]);

    private static bool IsHidden(Rune rune) => rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    private static string Words(Signal signal) => signal switch
    {
        Signal.DataDrift => "data drift",
        Signal.PredictionDrift => "prediction drift",
        Signal.Bias => "bias",
        Signal.Release => "release",
        Signal.Approval => "approval",
        Signal.Performance => "performance",
        Signal.Value => "value",
        Signal.Latency => "latency",
        Signal.Errors => "errors",
        Signal.Volume => "volume",
        _ => "change",
    };
}
