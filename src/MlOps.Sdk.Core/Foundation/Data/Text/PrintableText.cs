using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Values from data as they may stand in a message: one line, no control characters, short.</summary>
internal static class PrintableText
{
    private const int Longest = 40;

    // A reason is a sentence or two.
    private const int LongestLine = 1_000;

    /// <summary>A sentence that somebody wrote, as it may stand in a log.</summary>
    public static string Line(string value) => ShortenTo(value, LongestLine);

    /// <summary>A text that others made of data, unchanged where it may stand in a log as it is.</summary>
    public static string Clean(string value)
    {
        foreach (var c in value)
        {
            if (IsHidden(c)) return Line(value);
        }

        return value;
    }

    public static string Shorten(string value) => ShortenTo(value, Longest);

    public static string ShortenTo(string value, int longest)
    {
        var text = new StringBuilder(Math.Min(value.Length, longest) + 2);
        foreach (var c in value)
        {
            if (text.Length >= longest)
            {
                text.Append('…');
                break;
            }

            if (char.IsSurrogate(c) || IsHidden(c))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private static bool IsHidden(char c) => char.IsControl(c)
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;

    public static string Shorten(ReadOnlySpan<byte> utf8) => Shorten(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, Longest * 4)]));
}
