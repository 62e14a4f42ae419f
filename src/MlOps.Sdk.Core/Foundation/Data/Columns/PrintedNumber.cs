using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>Numbers of other types as doubles, by the text that they print: 1.1f is 1.1, as if it had been read from a file.</summary>
internal static class PrintedNumber
{
    /// <summary>The number that a <see cref="float"/> prints: 1.1f is 1.1, not 1.10000002384….</summary>
    public static double Of(float value)
    {
        // These are exact, and so are their texts.
        if (value == Math.Floor(value) && Math.Abs(value) < 1 << 24 || !float.IsFinite(value)) return value;
        Span<char> text = stackalloc char[32];
        return value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : value;
    }

    /// <summary>The double that is nearest to a decimal: the framework's conversion is not, but that of its text is.</summary>
    public static double Of(decimal value)
    {
        Span<char> text = stackalloc char[64];
        return value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : (double)value;
    }

    /// <summary>The number that a <see cref="Half"/> prints.</summary>
    public static double Of(Half value) =>
        Half.IsFinite(value)
            ? double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : (double)value;
}
