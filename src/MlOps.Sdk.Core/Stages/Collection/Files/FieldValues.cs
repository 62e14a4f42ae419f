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
    private readonly byte[] _minus;
    private readonly byte[][] _groups;
    private readonly byte[][] _units;
    private readonly string[] _dates;

    public FieldValues(CultureInfo culture, IReadOnlyCollection<string> dates, IReadOnlyCollection<string> units)
    {
        _culture = culture;
        var (numbers, times) = (culture.NumberFormat, culture.DateTimeFormat);

        // A copy of it is one that somebody made to set separators, where there is no data of other cultures.
        var isInvariant = ReferenceEquals(culture, CultureInfo.InvariantCulture);
        _isInvariant = isInvariant && units.Count == 0;
        _point = Encoding.UTF8.GetBytes(numbers.NumberDecimalSeparator);
        _groups = isInvariant ? [] : [.. Alike(numbers.NumberGroupSeparator).Select(Encoding.UTF8.GetBytes)];
        _minus = Encoding.UTF8.GetBytes(numbers.NegativeSign);

        // The longest first: km before m.
        _units = [.. units.OrderByDescending(unit => unit.Length).Select(Encoding.UTF8.GetBytes)];
        HasDateFormats = dates.Count > 0;
        _dates = dates.Count > 0 ? [.. dates]
            : isInvariant ? []
            : [
                times.ShortDatePattern,
                $"{times.ShortDatePattern} {times.ShortTimePattern}",
                $"{times.ShortDatePattern} {times.LongTimePattern}"
            ];
        var unitsUsed = units.Count == 0 ? "" : $"\u001eunits\u001f{string.Join('\u001f', units.Order(StringComparer.Ordinal))}";
        Settings = _isInvariant && !HasDateFormats
            ? ""
            : string.Join(
                '\u001f',
                [numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NegativeSign, culture.Name, .. _dates]) + unitsUsed;
    }

    /// <summary>Values as they are written independently of culture.</summary>
    public static FieldValues Invariant { get; } = new(CultureInfo.InvariantCulture, [], []);

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

        // The sign of $-5 is behind the unit, that of -$5 before it.
        if (_units.Length > 0) text = WithoutUnit(text);
        if (Sign(text, out var sign) is > 0 and var signLength)
        {
            to[length++] = sign;
            text = text[signLength..];
            if (_units.Length > 0) text = WithoutUnit(text);
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
            else if (!isFraction && digits > 0 && (inGroup == 3 || inGroup < 0 && digits <= 3) && Group(text) is > 0 and var group)
            {
                inGroup = 0;
                text = text[group..];
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

    // People type one blank or apostrophe for another.
    private static string[] Alike(string separator) => separator switch
    {
        " " or "\u00a0" or "\u202f" or "\u2009" => [" ", "\u00a0", "\u202f", "\u2009"],
        "'" or "’" => ["'", "’"],
        "" => [],
        _ => [separator],
    };

    private int Group(ReadOnlySpan<byte> text)
    {
        foreach (var group in _groups)
        {
            if (text.StartsWith(group)) return group.Length;
        }

        return 0;
    }

    private int Sign(ReadOnlySpan<byte> text, out byte sign)
    {
        sign = (byte)'-';
        if (_minus.Length > 0 && text.StartsWith(_minus)) return _minus.Length;
        if (text.StartsWith("−"u8)) return "−"u8.Length;
        if (text.IsEmpty || text[0] is not ((byte)'-' or (byte)'+')) return 0;
        sign = text[0];
        return 1;
    }

    private ReadOnlySpan<byte> WithoutUnit(ReadOnlySpan<byte> text)
    {
        foreach (var unit in _units)
        {
            if (text.StartsWith(unit)) return UnseenText.Trim(text[unit.Length..]);
            if (text.EndsWith(unit)) return UnseenText.Trim(text[..^unit.Length]);
        }

        return text;
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
