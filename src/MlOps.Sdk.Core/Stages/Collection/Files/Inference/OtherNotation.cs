using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Whether a column is text because its numbers or dates are written otherwise than they are read: with blanks around them, as another
/// culture writes them, or with a sign such as % or $. Looks at the first thousand values that are text. Not thread-safe.
/// </summary>
internal partial struct OtherNotation
{
    private const int Fewest = 20;
    private const int Most = 1_000;
    private const int Longest = 40;
    private const string Trim = "set CsvOptions.Trim, which removes the spaces around them";
    private static readonly char[] Signs = ['%', '‰', '$', '€', '£', '¥'];
    private long _written;
    private long _others;
    private string? _example;
    private string? _things;
    private string? _remedy;
    private long _position;

    /// <summary>Whether what follows is not looked at any more.</summary>
    /// <param name="fitting">The values so far that are read as numbers.</param>
    public readonly bool IsSettled(long fitting) => _written + _others >= Most || IsExcluded(fitting);

    /// <summary>Adds a value that is read as text.</summary>
    /// <param name="value">The value.</param>
    /// <param name="values">How values are read.</param>
    /// <param name="fitting">The values so far that are read as numbers.</param>
    /// <param name="position">Where it is, from 1.</param>
    public void Add(ReadOnlySpan<byte> value, FieldValues values, long fitting, long position)
    {
        if (IsSettled(fitting)) return;
        if (value.Length > Longest || Meant(Encoding.UTF8.GetString(value), values) is not var (things, remedy))
        {
            _others++;
            return;
        }

        if (_written++ > 0) return;
        (_things, _remedy, _position) = (things, remedy, position);
        _example = PrintableText.Shorten(value);
    }

    /// <summary>
    /// What the column is in truth, and what to do, where at least 20 values, and 95 %, are numbers or dates in whatever notation.
    /// Otherwise <see langword="null"/>.
    /// </summary>
    /// <param name="fitting">The values that are read as numbers.</param>
    /// <param name="place">What the positions are, for example <c>line</c>.</param>
    public readonly (string Cause, string Remedy)? Describe(long fitting, string place) =>
        _written > 0 && _written + fitting >= Fewest && !IsExcluded(fitting)
            ? (FormattableString.Invariant($"although its values are {_things}, such as '{_example}' in {place} {_position}"), _remedy!)
            : null;

    private readonly bool IsExcluded(long fitting) =>
        _written + _others + fitting >= Fewest && _others * 20 > _written + _others + fitting;

    private static (string Things, string Remedy)? Meant(string text, FieldValues values)
    {
        var bare = text.Trim();
        if (bare.Length == 0) return null;
        var utf8 = Encoding.UTF8.GetBytes(bare);
        if (bare.Length < text.Length)
        {
            if (values.TypeOfNumber(utf8) != ColumnType.Text) return ("numbers", Trim);
            if (values.TryTimestamp(utf8, out _)) return ("dates", Trim);
        }

        if (Date().IsMatch(bare)) return ("dates", "set their format with CsvOptions.DateFormats, or read them with ParseDates");
        if (FieldText.LooksLikeCode(utf8)) return null; // 007 and +49 are no numbers, but written as they are meant
        if (Separated().IsMatch(bare)) return ("numbers", "set their culture with CsvOptions.Culture");
        var number = bare.Trim(Signs).Trim();
        return number.Length < bare.Length && (Separated().IsMatch(number) || Plain().IsMatch(number))
            ? ("numbers", "write them without signs such as % or $ in the source")
            : null;
    }

    [GeneratedRegex(@"^[-−]?([0-9]{1,3}([.,'’\u00a0\u202f ][0-9]{3})+([.,][0-9]+)?|[0-9]+[.,][0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Separated();

    [GeneratedRegex("^[-−]?[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    [GeneratedRegex(
        "^([0-3]?[0-9]([./-])[0-3]?[0-9]\\2[0-9]{4}|[0-9]{4}([./-])[0-3]?[0-9]\\3[0-3]?[0-9])([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Date();
}
