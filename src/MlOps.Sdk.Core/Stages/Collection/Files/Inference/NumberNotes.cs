using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Values of a column of numbers that may be identifiers: whole numbers that a double does not hold, and digits around an E. Not
/// thread-safe.
/// </summary>
internal sealed class NumberNotes
{
    // A double holds every whole number up to 2^53, which has 16 digits.
    private const int FewestDigits = 16;
    private (string Text, long Position)? _inexact;
    private (string Text, long Position)? _exponent;

    /// <summary>Whether a value is long enough, or has an E in it: cheap, and true for few.</summary>
    public static bool Concerns(ReadOnlySpan<byte> value, ColumnType type) => type == ColumnType.Integer
        ? value.Length >= FewestDigits
        : value.IndexOfAny((byte)'E', (byte)'e') > 0 || value.Length > FewestDigits && value.EndsWith(".0"u8);

    public void Add(ReadOnlySpan<byte> value, FieldValues values, ColumnType type, long position)
    {
        if (type == ColumnType.Integer)
        {
            if (values.TryInteger(value, out var whole) && !IsExact(whole)) _inexact ??= (PrintableText.Shorten(value), position);
        }
        else if (value.EndsWith(".0"u8))
        {
            if (FieldText.TryInteger(value[..^2], out var whole) && !IsExact(whole)) _inexact ??= (PrintableText.Shorten(value), position);
        }
        else if (!value.ContainsAny(".+-,"u8))
        {
            _exponent ??= (PrintableText.Shorten(value), position);
        }
    }

    /// <summary>What to say of them where the column is read as numbers.</summary>
    /// <param name="place">What the positions are.</param>
    /// <param name="hasFractions">Whether other numbers have a point, so that an E is one of a number.</param>
    public IEnumerable<string> Describe(string place, bool hasFractions)
    {
        const string asText = "if such values are identifiers, give the column the type Text in the schema";
        if (_inexact is var (text, position))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"is read as numbers, which do not hold '{text}' in {place} {position} exactly, since it is beyond 2^53; {asText}");
        }
        if (!hasFractions && _exponent is var (exponent, at))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"is read as numbers, and '{exponent}' in {place} {at} as one with a power of ten; {asText}");
        }
    }

    private static bool IsExact(long value) => value != long.MaxValue && (long)(double)value == value;
}
