using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Texts for chats, which hold names from data: nothing in them calls people, becomes a link or hides what follows. They read as before.
/// </summary>
internal static class ChatText
{
    // Of no width: what is on both sides of it is no mention, address or word of a markup any more.
    private const char Break = '\u200B';

    /// <summary>The text in one line, without mentions and links, of so many characters at most.</summary>
    public static string Plain(string text, int longest)
    {
        var plain = new StringBuilder(Math.Min(text.Length, longest) + 16);
        var previous = default(Rune);
        foreach (var rune in text.EnumerateRunes())
        {
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
            if (rune.Value is '@' or ':' or '/' or '#' or '!') plain.Append(Break);
            previous = rune;
        }

        return plain.ToString();
    }

    /// <summary>The text for Slack, where three characters begin what is not text; they are written longer.</summary>
    public static string Slack(string text, int longest)
    {
        for (var most = longest - 1; ; most /= 2)
        {
            var escaped = Plain(text, most)
                .Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal);
            if (escaped.Length <= longest + 1) return escaped;
        }
    }

    private static bool IsHidden(Rune rune) => rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
