using System.Globalization;

namespace MlOps.Sdk.Tracking;

/// <summary>What texts of runs may be.</summary>
internal static class RunText
{
    public const int LongestName = 250;
    public const int LongestValue = 10_000;
    public const int LongestNote = 100_000;

    /// <exception cref="ArgumentException">The text is empty, too long, or has half a surrogate or a character that ends texts.</exception>
    public static void Check(string text, string parameter, int longest = LongestName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text, parameter);
        if (text.Length > longest)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"It has {text.Length:N0} characters, and may have {longest:N0}; keep it as an artifact."),
                parameter);
        }
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !isPair))
            {
                throw new ArgumentException($"The character {i + 1} of it cannot be stored: it is {(int)text[i]:X4}.", parameter);
            }
            if (isPair) i++;
        }
    }

    /// <summary>A value as the text that is stored: numbers and dates as any culture reads them.</summary>
    public static string ValueOf(object? value, string parameter)
    {
        var text = value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "null",
        };
        if (text.Length > 0) Check(text.Trim().Length == 0 ? "blank" : text, parameter, LongestValue);
        return text;
    }
}
