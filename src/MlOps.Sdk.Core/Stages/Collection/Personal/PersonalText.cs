using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Texts as bytes, so that different texts are different bytes: UTF-8, and for texts with half of a surrogate pair, which UTF-8 cannot
/// tell, UTF-16 behind a byte that UTF-8 does not know.
/// </summary>
internal static class PersonalText
{
    private const byte Utf16 = 0xFF;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static byte[] GetBytes(string text)
    {
        try
        {
            return Utf8.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            var bytes = new byte[1 + 2 * text.Length];
            bytes[0] = Utf16;
            for (var i = 0; i < text.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(1 + 2 * i), text[i]);
            return bytes;
        }
    }

    /// <exception cref="DecoderFallbackException">The bytes are no text.</exception>
    public static string GetString(byte[] bytes)
    {
        if (bytes is not [Utf16, ..]) return Utf8.GetString(bytes);
        var text = new char[(bytes.Length - 1) / 2];
        for (var i = 0; i < text.Length; i++) text[i] = BitConverter.ToChar(bytes, 1 + 2 * i);
        return new string(text);
    }
}
