using System.Globalization;
using System.Text;
using System.Text.Unicode;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads typed values from UTF-8 text as a culture writes them: numbers are put into invariant form and read as
/// ever. Immutable and thread-safe.
/// </summary>
internal sealed class FieldValues
{
    private const int LongestNumber = 400;
    private const int LongestDate = 128;
    private readonly CultureInfo _culture;
    private readonly bool _isInvariant;
    private readonly byte[] _point;
    private readonly byte[] _group;
    private readonly byte[] _minus;
    private readonly string[] _dates;

    public FieldValues(CultureInfo culture, IReadOnlyCollection<string> dates)
    {
        _culture = culture;
        var (numbers, times) = (culture.NumberFormat, culture.DateTimeFormat);
        _isInvariant = culture.Equals(CultureInfo.InvariantCulture) && numbers is { NumberDecimalSeparator: ".", NegativeSign: "-" };
        _point = Encoding.UTF8.GetBytes(numbers.NumberDecimalSeparator);
        _group = Encoding.UTF8.GetBytes(numbers.NumberGroupSeparator);
        _minus = Encoding.UTF8.GetBytes(numbers.NegativeSign);
        HasDateFormats = dates.Count > 0;
        _dates = dates.Count > 0 ? [.. dates]
            : _isInvariant ? []
            : [
                times.ShortDatePattern,
                $"{times.ShortDatePattern} {times.ShortTimePattern}",
                $"{times.ShortDatePattern} {times.LongTimePattern}"
            ];
        Settings = _isInvariant && !HasDateFormats
            ? ""
            : string.Join(
                '\u001f',
                [numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NegativeSign, culture.Name, .. _dates]);
    }

    /// <summary>Values as they are written independently of culture.</summary>
    public static FieldValues Invariant { get; } = new(CultureInfo.InvariantCulture, []);

    /// <summary>What decides how text is read; empty for the invariant culture.</summary>
    public string Settings { get; }

    /// <summary>Whether formats of dates are given: then 20240131 may be a date rather than a number.</summary>
    public bool HasDateFormats { get; }

    public bool TryInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (_isInvariant) return FieldText.TryInteger(text, out value);
        Span<byte> buffer = stackalloc byte[LongestNumber];
        value = 0;
        return TryInvariant(text, buffer, out var length) && FieldText.TryInteger(buffer[..length], out value);
    }

    public bool TryNumber(ReadOnlySpan<byte> text, out double value)
    {
        if (_isInvariant) return FieldText.TryNumber(text, out value);
        Span<byte> buffer = stackalloc byte[LongestNumber];
        value = 0;
        return TryInvariant(text, buffer, out var length) && FieldText.TryNumber(buffer[..length], out value);
    }

    public bool TryTimestamp(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (_dates.Length > 0 && TryDate(text, out ticks)) return true;
        return !HasDateFormats && FieldText.TryTimestamp(text, out ticks);
    }

    /// <summary>
    /// The narrowest type of a number: a whole number that no long holds would lose digits as a double, so it is an identifier, and so is
    /// one with leading zeros or a plus sign.
    /// </summary>
    /// <returns>
    /// <see cref="ColumnType.Integer"/>, <see cref="ColumnType.Number"/>, or <see cref="ColumnType.Text"/> for what is not a number.
    /// </returns>
    public ColumnType TypeOfNumber(ReadOnlySpan<byte> text)
    {
        if (_isInvariant) return TypeOfInvariant(text);
        Span<byte> buffer = stackalloc byte[LongestNumber];
        return TryInvariant(text, buffer, out var length) ? TypeOfInvariant(buffer[..length]) : ColumnType.Text;
    }

    public static ColumnType TypeOfInvariant(ReadOnlySpan<byte> text)
    {
        if (IsPlainInteger(text)) return ColumnType.Integer;
        if (FieldText.LooksLikeCode(text) || !FieldText.IsNumber(text)) return ColumnType.Text;
        if (!FieldText.IsWhole(text)) return ColumnType.Number;
        return FieldText.TryInteger(text, out _) ? ColumnType.Integer : ColumnType.Text;
    }

    // What most whole numbers look like is known by one look: no sign but a minus, no leading zero, surely within 64 bits.
    private static bool IsPlainInteger(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] == '-') text = text[1..];
        if (text.Length is 0 or > 18 || text[0] == '0' && text.Length > 1) return false;
        foreach (var c in text)
        {
            if ((uint)(c - '0') > 9) return false;
        }

        return true;
    }

    // Groups are taken as such only where they have three digits, so that a point in a column with decimal commas is not lost.
    private bool TryInvariant(ReadOnlySpan<byte> text, Span<byte> to, out int length)
    {
        length = 0;
        if (text.Length > to.Length) return false;
        int digits = 0, inGroup = -1;
        var isFraction = false;
        if (_minus.Length > 0 && text.StartsWith(_minus))
        {
            to[length++] = (byte)'-';
            text = text[_minus.Length..];
        }
        else if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            to[length++] = text[0];
            text = text[1..];
        }

        while (text.Length > 0)
        {
            if (text[0] is >= (byte)'0' and <= (byte)'9')
            {
                to[length++] = text[0];
                text = text[1..];
                if (isFraction) continue;
                digits++;
                if (inGroup >= 0) inGroup++;
            }
            else if (!isFraction && text.StartsWith(_point))
            {
                if (inGroup is not (-1 or 3)) return false;
                (isFraction, inGroup) = (true, -1);
                to[length++] = (byte)'.';
                text = text[_point.Length..];
            }
            else if (!isFraction
                && _group.Length > 0
                && digits > 0
                && (inGroup == 3 || inGroup < 0 && digits <= 3)
                && text.StartsWith(_group))
            {
                inGroup = 0;
                text = text[_group.Length..];
            }
            else if (text[0] is (byte)'e' or (byte)'E')
            {
                text.CopyTo(to[length..]);
                length += text.Length;
                break;
            }
            else
            {
                return false;
            }
        }

        return inGroup is -1 or 3;
    }

    private bool TryDate(ReadOnlySpan<byte> text, out long ticks)
    {
        Span<char> chars = stackalloc char[LongestDate];
        ticks = 0;
        if (text.Length is 0 or > LongestDate || Utf8.ToUtf16(text, chars, out _, out var count) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }
        if (!DateTime.TryParseExact(
            chars[..count], _dates, _culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return false;
        }
        ticks = time.Ticks;
        return true;
    }
}
