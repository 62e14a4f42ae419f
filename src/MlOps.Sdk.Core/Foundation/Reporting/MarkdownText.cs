using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>Texts of others as they may stand in Markdown: on one line, as plain text, whatever they hold.</summary>
internal static class MarkdownText
{
    private const int Longest = 10_000;

    /// <summary>
    /// Escapes what CommonMark and GitHub's Markdown would take for more than text: markup, HTML, entities, table cells, links of their own
    /// making. Line ends become blanks; characters that control or turn the writing become a box.
    /// </summary>
    public static string Escape(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var escaped = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length && i < Longest; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '\r' when i + 1 < text.Length && text[i + 1] == '\n':
                    break;
                case '\r' or '\n' or '\t':
                    escaped.Append(' ');
                    break;
                case '<':
                    escaped.Append("&lt;");
                    break;
                case '>':
                    escaped.Append("&gt;");
                    break;
                case '&':
                    escaped.Append("&amp;");
                    break;
                case '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '@' or '!' or '$':
                case ':' when i + 1 < text.Length && text[i + 1] == '/':
                case '.' when i >= 3 && text.AsSpan(i - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase):
                    escaped.Append('\\').Append(c);
                    break;
                default:
                    escaped.Append(IsMisleading(text, i) ? '□' : c);
                    break;
            }
        }

        if (text.Length > Longest) escaped.Append('…');
        return escaped.ToString();
    }

    private static bool IsMisleading(string text, int at)
    {
        var c = text[at];
        if (char.IsHighSurrogate(c)) return at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]);
        if (char.IsLowSurrogate(c)) return at == 0 || !char.IsHighSurrogate(text[at - 1]);
        return char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
    }
}
