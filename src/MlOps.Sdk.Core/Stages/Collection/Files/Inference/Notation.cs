using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// How a number, a date or a boolean is written that is read as text: with blanks around it, as a culture writes it, with a
/// unit. Immutable.
/// </summary>
internal sealed partial record Notation
{
    private const int Longest = 60;

    /// <summary>The cultures, one for each way in which numbers are written, as <see cref="Cultures"/> counts them.</summary>
    public static readonly string[] CultureNames = ["en-US", "de-DE", "fr-FR", "de-CH"];

    /// <summary>The formats of dates that are tried, as <see cref="DateFormats"/> counts them.</summary>
    public static readonly string[] Formats =
    [
        "d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "yyyy/M/d", "yyyy.M.d", "d.M.yy", "d/M/yy", "M/d/yy",
        "d-MMM-yyyy", "d MMM yyyy", "MMM d, yyyy", "d-MMM-yy", "d. MMMM yyyy", "MMMM d, yyyy", "d MMMM yyyy", "yyyy-M-d",
    ];

    /// <summary>The formats of a time behind a date; the first is that there is none.</summary>
    public static readonly string[] TimeFormats = ["", " H:m", " H:m:s", " H:m:s.FFFFFFF", " h:m tt", " h:m:s tt", "'T'H:m:s"];

    private static readonly string[] Currencies =
        ["$", "€", "£", "¥", "₹", "US$", "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "SEK", "Rs", "Rs."];

    // Those that also stand right behind a number, and then are no letter of a code such as 12A.
    private static readonly string[] Units =
    [
        "%", "‰", "°", "°C", "°F", "kg", "g", "mg", "lb", "lbs", "oz", "km", "m", "cm", "mm", "mi", "ft", "in", "ml", "h", "hr", "hrs",
        "min", "s", "sec", "ms", "days", "yrs", "years", "kWh", "kW", "MW", "Hz", "KB", "MB", "GB", "TB", "bp", "bps", "px", "km/h", "kmh",
        "mph", "m/s", "mpg", "cc", "bhp", "hp", "kmpl", "rpm", "k", "K", "M", "mn", "bn", "Mio", "Mrd",
    ];

    /// <summary>What it is.</summary>
    public required ColumnType Type { get; init; }

    /// <summary>Whether there are blanks around it.</summary>
    public bool HasBlanks { get; init; }

    /// <summary>Whether characters that cannot be seen are in it, such as a byte order mark or a zero byte.</summary>
    public bool HasHidden { get; init; }

    /// <summary>The cultures that write it like this, a bit for each of <see cref="CultureNames"/>; 0 where it is as it is read.</summary>
    public int Cultures { get; init; }

    /// <summary>The formats of the date, a bit for each of <see cref="Formats"/>; 0 where it is as it is read.</summary>
    public int DateFormats { get; init; }

    /// <summary>The format of its time, one of <see cref="TimeFormats"/>.</summary>
    public int TimeFormat { get; init; }

    /// <summary>The unit before or behind the number.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether the sign is behind it, or it is written as parentheses.</summary>
    public bool HasOtherSign { get; init; }

    /// <summary>What a text means if it is a number, a date or a boolean in another notation; otherwise <see langword="null"/>.</summary>
    /// <param name="text">The text, which is read as text.</param>
    /// <param name="values">How values are read.</param>
    public static Notation? Of(ReadOnlySpan<byte> text, FieldValues values)
    {
        if (text.Length is 0 or > Longest || text.IndexOfAnyInRange((byte)'0', (byte)'9') < 0 && text.Length > 12) return null;
        var whole = Encoding.UTF8.GetString(text);
        var bare = UnseenText.Trim(whole);
        if (bare.Length == 0) return null;
        var hasBlanks = bare.Length < whole.Length;
        var hasHidden = hasBlanks && whole.Trim().Length > bare.Length;
        return Of(bare, values, hasHidden || hasBlanks) is { } found ? found with { HasBlanks = hasBlanks, HasHidden = hasHidden } : null;
    }

    private static Notation? Of(string bare, FieldValues values, bool isChanged)
    {
        var utf8 = Encoding.UTF8.GetBytes(bare);
        if (isChanged)
        {
            if (values.TypeOfNumber(utf8) != ColumnType.Text) return new Notation { Type = ColumnType.Number };
            if (values.TryTimestamp(utf8, out _)) return new Notation { Type = ColumnType.Timestamp };
            if (FieldText.TryBoolean(utf8, out _)) return new Notation { Type = ColumnType.Boolean };
        }
        if (!bare.AsSpan().ContainsAnyInRange('0', '9')) return null;
        if (Date(bare) is { } date) return date;

        // 007 and +49 are no numbers, but written as they are meant.
        if (FieldText.LooksLikeCode(utf8)) return null;
        if (Number(bare) is { } cultures)
        {
            return new Notation { Type = ColumnType.Number, Cultures = cultures, HasOtherSign = cultures == 0 && bare[0] == '−' };
        }
        if (Sign().Match(bare) is { Success: true } signed && Number(signed.Groups["number"].Value) is { } withSign)
        {
            return new Notation { Type = ColumnType.Number, Cultures = withSign, HasOtherSign = true };
        }
        return Measured(bare);
    }

    // The number with a unit; without one where neither of the two is known.
    private static Notation? Measured(string bare)
    {
        var match = Unit_().Match(bare);
        if (!match.Success) return null;
        var (before, number, blank, behind) = (
            match.Groups["before"].Value, match.Groups["number"].Value, match.Groups["blank"].Value, match.Groups["behind"].Value);
        if ((before.Length == 0) == (behind.Length == 0)) return null;
        var unit = before.Length > 0 ? before : behind;
        var isKnown = Array.IndexOf(Currencies, unit) >= 0 || behind.Length > 0 && (blank.Length > 0 || Array.IndexOf(Units, unit) >= 0);
        if (!isKnown) return null;
        var utf8 = Encoding.UTF8.GetBytes(number);
        if (FieldText.LooksLikeCode(utf8)) return null;
        return Number(number) is { } cultures ? new Notation { Type = ColumnType.Number, Cultures = cultures, Unit = unit } : null;
    }

    // The cultures of a number, 0 for one that is read without a culture; null for what is not a number in any.
    private static int? Number(string text)
    {
        if (Plain().IsMatch(text)) return 0;
        var cultures = 0;
        if (English().IsMatch(text)) cultures |= 1;
        if (German().IsMatch(text)) cultures |= 2;
        if (French().IsMatch(text)) cultures |= 4;
        if (Swiss().IsMatch(text)) cultures |= 8;
        return cultures == 0 ? null : cultures;
    }

    private static Notation? Date(string bare)
    {
        if (!LikeDate().IsMatch(bare)) return null;
        for (var time = 0; time < TimeFormats.Length; time++)
        {
            var formats = 0;
            for (var i = 0; i < Formats.Length; i++)
            {
                if (DateTime.TryParseExact(bare, Formats[i] + TimeFormats[time], CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                {
                    formats |= 1 << i;
                }
            }
            if (formats != 0) return new Notation { Type = ColumnType.Timestamp, DateFormats = formats, TimeFormat = time };
        }
        return null;
    }

    [GeneratedRegex(@"^[-−]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^[-−]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex English();

    [GeneratedRegex(@"^[-−]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex German();

    [GeneratedRegex(@"^[-−]?[0-9]{1,3}([\u00a0\u202f\u2009 ][0-9]{3})+(,[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex French();

    [GeneratedRegex(@"^[-−]?[0-9]{1,3}(['’][0-9]{3})+(\.[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Swiss();

    [GeneratedRegex(@"^(\((?<number>[^()-]+)\)|(?<number>[^-−]+)[-−])$", RegexOptions.CultureInvariant)]
    private static partial Regex Sign();

    [GeneratedRegex(
        @"^[-−]?(?<before>[^0-9.,\s+−'-]{1,3}\.?)?\s?(?<number>[-−]?[0-9](?:[0-9.,'’\u00a0\u202f\u2009 ]*[0-9])?)" +
            @"(?<blank>\s?)(?<behind>[^0-9.,\s+−'-][^0-9]{0,11})?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Unit_();

    [GeneratedRegex(
        @"^([0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}|[0-9]{1,2}\.? ?-?[A-Za-z]{3,9}\.?[ -][0-9]{2,4}|" +
            @"[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4})([ T].*)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex LikeDate();
}
