using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>
/// Characters that cannot be seen at the ends of a text: blanks of all kinds, byte order marks, zero bytes, marks of direction.
/// </summary>
internal static class UnseenText
{
    /// <summary>The text without them.</summary>
    public static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsUnseen(text[start])) start++;
        while (end > start && IsUnseen(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>The UTF-8 text without them.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8)
    {
        while (utf8.Length > 0 && utf8[0] is <= 0x20 or 0x7F or >= 0xC2)
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsUnseen(rune)) break;
            utf8 = utf8[length..];
        }

        while (utf8.Length > 0 && utf8[^1] is <= 0x20 or >= 0x7F)
        {
            if (Rune.DecodeLastFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsUnseen(rune)) break;
            utf8 = utf8[..^length];
        }

        return utf8;
    }

    private static bool IsUnseen(Rune rune) => rune.IsBmp && IsUnseen((char)rune.Value);

    private static bool IsUnseen(char c) =>
        char.IsWhiteSpace(c) || char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
