using System.Globalization;
using System.Text;

namespace MlOps.Sdk.MLNet;

/// <summary>Texts from files as they may stand in a message: one line, no control characters, short.</summary>
internal static class Printable
{
    private const int Longest = 80;

    /// <summary>The text, cut and escaped where necessary.</summary>
    public static string Text(string value)
    {
        var text = new StringBuilder(Math.Min(value.Length, Longest) + 2);
        foreach (var c in value)
        {
            if (text.Length >= Longest) return text.Append('…').ToString();
            if (char.IsControl(c)
                || char.IsSurrogate(c)
                || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator)
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
}
