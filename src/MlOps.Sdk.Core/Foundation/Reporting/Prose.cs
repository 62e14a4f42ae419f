using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>
/// How numbers are written where people read them, in pages and sentences: as the invariant culture does, with a
/// minus sign instead of a hyphen.
/// </summary>
internal static class Prose
{
    public static readonly CultureInfo Culture = Make();

    /// <summary>A number of things: 3,032.</summary>
    public static string Count(long value) => value.ToString("N0", Culture);

    /// <summary>A number of things, by their name: 1 row, 3,032 rows.</summary>
    /// <param name="value">The number.</param>
    /// <param name="one">What one of them is called; more have an s.</param>
    public static string Count(long value, string one) => $"{Count(value)} {one}{(value == 1 ? "" : "s")}";

    /// <summary>The verb that follows a number of things.</summary>
    public static string Are(long value) => value == 1 ? "is" : "are";

    /// <summary>The name of an enum's value as people write it: AwaitingApproval is awaiting approval.</summary>
    public static string Words(string name) => string.Concat(name.Select(
        (letter, i) => char.IsUpper(letter) ? $"{(i == 0 ? "" : " ")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>A number with so many digits that count, written out: 186,200 and not 1.862E+05, unless it is beyond all measure.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">How many digits count.</param>
    public static string Number(double value, int digits)
    {
        var size = Math.Abs(value);
        if (size is 0 || !double.IsFinite(value)) return value.ToString(Culture);
        if (size is < 1e-4 or >= 1e15) return Power(value, digits);
        var decimals = digits - 1 - (int)Math.Floor(Math.Log10(size));
        if (decimals > 0) return value.ToString("#,0." + new string('#', decimals), Culture);
        var unit = Math.Pow(10, -decimals);
        return (Math.Round(value / unit) * unit).ToString("#,0", Culture);
    }

    /// <summary>
    /// A difference with its sign: +0.0590, -0.0001. One that these decimals do not show is 0.0000, without a sign.
    /// </summary>
    /// <param name="difference">The difference.</param>
    public static string Signed(double difference)
    {
        // Whatever rounds to zero is zero: a format with sections writes a small negative number as -+0.0000.
        var rounded = Math.Round(difference, 4);
        return rounded == 0 ? "0.0000" : rounded.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
    }

    /// <summary>A number as a power of ten, 1.5 × 10⁻⁷, where machines write 1.5E-07.</summary>
    /// <param name="value">The number; not 0, and finite.</param>
    /// <param name="digits">How many digits count.</param>
    public static string Power(double value, int digits)
    {
        var text = value.ToString($"0.{new string('#', digits - 1)}e0", Culture).AsSpan();
        var end = text.IndexOf('e');
        var power = new StringBuilder($"{text[..end]} × 10");
        foreach (var letter in text[(end + 1)..]) power.Append(letter == '−' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[letter - '0']);
        return power.ToString();
    }

    private static CultureInfo Make()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "−";
        return CultureInfo.ReadOnly(culture);
    }
}
