using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Reads typed values from UTF-8 text, culture-independent and exact: a number is the double nearest to what is written.</summary>
internal static class FieldText
{
    private static ReadOnlySpan<double> PowersOfTen =>
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Whether the text is written as a whole number: an optional sign and digits only.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        return text.Length > 0 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>
    /// Whether leading zeros or a plus sign say that this is a code (a postcode, a telephone number) rather than a quantity.
    /// </summary>
    public static bool LooksLikeCode(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        if (text[0] == '+') return true;
        if (text[0] == '-') text = text[1..];
        return text.Length > 1 && text[0] == '0' && text[1] is >= (byte)'0' and <= (byte)'9';
    }

    public static bool TryInteger(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        var negative = text[0] == '-';
        var digits = negative || text[0] == '+' ? text[1..] : text;
        if (digits.Length is 0 or > 18)
            return IsWhole(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        foreach (var c in digits)
        {
            var digit = (uint)(c - '0');
            if (digit > 9) return false;
            value = value * 10 + digit;
        }

        if (negative) value = -value;
        return true;
    }

    /// <summary>Whether <see cref="TryNumber"/> reads it, without computing the number.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text)
    {
        // Longer ones may be infinite.
        const int longest = 300;
        if (text.Length > longest) return TryNumber(text, out _);
        var i = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var (start, points) = (i, 0);
        for (; i < text.Length; i++)
        {
            if ((uint)(text[i] - '0') <= 9) continue;
            if (text[i] != '.' || points++ > 0) break;
        }

        return i - start > points && (i == text.Length || text[i] is (byte)'e' or (byte)'E' && TryNumber(text, out _));
    }

    /// <summary>
    /// Reads a finite number. Up to 15 digits and a power of ten up to 22 are exact in one operation (Clinger 1990), up to 19 digits take a
    /// few (<see cref="NearestDouble"/>); the framework reads the rest.
    /// </summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        var i = 0;
        var negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }

        ulong mantissa = 0;
        int digits = 0, seen = 0, decimals = 0;
        var point = false;
        for (; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                seen++;
                if (digits > 0 || digit != 0) digits++;
                if (digits <= NearestDouble.MostDigits) mantissa = mantissa * 10 + digit;
                if (point) decimals++;
            }
            else if (text[i] == '.' && !point)
            {
                point = true;
            }
            else
            {
                break;
            }
        }

        if (seen == 0) return false;
        if (i == text.Length && digits <= 15 && decimals <= 22)
        {
            value = mantissa / PowersOfTen[decimals];
            if (negative) value = -value;
            return true;
        }

        if (i == text.Length && digits <= NearestDouble.MostDigits && decimals <= NearestDouble.MostDecimals)
        {
            value = NearestDouble.Of(mantissa, decimals);
            if (negative) value = -value;
            return true;
        }

        if (i < text.Length && text[i] is not ((byte)'e' or (byte)'E')) return false;
        return double.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out value)
            && double.IsFinite(value);
    }

    public static bool TryBoolean(ReadOnlySpan<byte> text, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(text, "true"u8);
        return value || Ascii.EqualsIgnoreCase(text, "false"u8);
    }

    /// <summary>Reads true, false, 1 or 0: for columns that are known to be Boolean.</summary>
    public static bool TryFlag(ReadOnlySpan<byte> text, out bool value)
    {
        value = text.Length == 1 && text[0] == '1';
        return value || text.Length == 1 && text[0] == '0' || TryBoolean(text, out value);
    }

    /// <summary>Whether what <see cref="TryTimestamp"/> reads says its offset.</summary>
    public static bool HasOffset(ReadOnlySpan<byte> timestamp) => timestamp.Length > 16
        && (timestamp[^1] is (byte)'Z' or (byte)'z' or (byte)'C' || timestamp[16..].IndexOfAny((byte)'+', (byte)'-') >= 0);

    /// <summary>
    /// Reads an ISO 8601 date or date and time (extended format), also with UTC behind it; without an offset it is UTC.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ticks">UTC ticks since 0001-01-01.</param>
    public static bool TryTimestamp(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-') return false;
        var (century, year, month, day) = (Two(text, 0), Two(text, 2), Two(text, 5), Two(text, 8));
        if ((century | year | month | day) < 0) return false;
        year += 100 * century;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > 28 && day > DateTime.DaysInMonth(year, month)) return false;
        ticks = new DateTime(year, month, day).Ticks;
        if (text.Length == 10) return true;
        if (text[10] is not ((byte)'T' or (byte)' ' or (byte)'t') || text.Length < 16 || text[13] != ':') return false;
        var (hour, minute) = (Two(text, 11), Two(text, 14));
        if ((hour | minute) < 0 || hour > 23 || minute > 59) return false;
        ticks += hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute;
        text = text[16..];
        if (text.Length >= 3 && text[0] == ':')
        {
            if (Two(text, 1) is not (>= 0 and <= 59 and var second)) return false;
            ticks += second * TimeSpan.TicksPerSecond;
            text = text[3..];
            if (text.Length > 0 && text[0] is (byte)'.' or (byte)',')
            {
                var length = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
                if (length < 0) length = text.Length - 1;
                if (length == 0) return false;
                var scale = TimeSpan.TicksPerSecond / 10;
                foreach (var c in text.Slice(1, length))
                {
                    ticks += (c - '0') * scale;
                    scale /= 10;
                }

                text = text[(length + 1)..];
            }
        }

        if (text.IsEmpty || text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8) || text.SequenceEqual(" UTC"u8)) return true;
        return Offset(text, out var offset) && (ticks -= offset) >= 0 && ticks <= DateTime.MaxValue.Ticks;
    }

    private static bool Offset(ReadOnlySpan<byte> text, out long offset)
    {
        offset = 0;
        if (text[0] is not ((byte)'+' or (byte)'-')) return false;
        var negative = text[0] == '-';
        text = text[1..];
        if (text.Length < 2 || Two(text, 0) is not (>= 0 and <= 14 and var hour)) return false;
        text = text[2..];
        if (text.Length == 3 && text[0] == ':') text = text[1..];
        if (text.Length is not (0 or 2)) return false;
        var minute = text.Length == 0 ? 0 : Two(text, 0);
        if (minute is < 0 or > 59) return false;
        offset = hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute;
        if (negative) offset = -offset;
        return true;
    }

    // The number of two digits; negative where one is none.
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        var (tens, ones) = ((uint)(text[at] - '0'), (uint)(text[at + 1] - '0'));
        return tens <= 9 && ones <= 9 ? (int)(10 * tens + ones) : -1;
    }
}
