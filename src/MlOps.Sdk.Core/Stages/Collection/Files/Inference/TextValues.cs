using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The values of a column that are read as text: whether they are numbers, dates or booleans in another notation, or a few strays among
/// such. Not thread-safe.
/// </summary>
internal sealed class TextValues
{
    private const int Fewest = 20;

    // What follows is looked at now and then.
    private const int AlwaysAsked = 1_000;
    private const int AskedAfterwards = 64;
    private readonly long[] _cultures = new long[Notation.CultureNames.Length];
    private readonly long[] _formats = new long[Notation.Formats.Length];
    private readonly HashSet<string> _units = new(StringComparer.Ordinal);
    private StrayValues _strays;
    private long _asked;
    private long _unasked;
    private long _numbers;
    private long _dates;
    private long _flags;
    private long _local;
    private bool _hasBlanks;
    private bool _hasHidden;
    private bool _hasSigns;
    private int _timeFormat;
    private (string Example, long Position)? _number;
    private (string Example, long Position)? _date;
    private (string Example, long Position)? _flag;

    /// <summary>How many there are.</summary>
    public long Count => _asked + _unasked;

    /// <summary>Whether nearly all so far are texts of their own.</summary>
    public bool AreTexts => _strays.AreMany && _strays.Others * 100 > _asked * 99;

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="values">How values are read.</param>
    /// <param name="position">Where it is, from 1.</param>
    public void Add(ReadOnlySpan<byte> value, FieldValues values, long position)
    {
        if (_strays.TryCount(value))
        {
            _asked++;
        }
        else if (_asked >= AlwaysAsked && Count % AskedAfterwards != 0)
        {
            _unasked++;
        }
        else
        {
            _asked++;
            if (Notation.Of(value, values) is { } notation) Add(notation, value, position);
            else _strays.Add(value, position);
        }
    }

    /// <summary>Counts a value that is not looked at.</summary>
    public void Skip() => _unasked++;

    /// <summary>
    /// Why a column is text that is numbers, dates or booleans in truth, for nearly all of its values, and what to do; else
    /// <see langword="null"/>.
    /// </summary>
    /// <param name="fitting">The values that are read as numbers, dates and booleans.</param>
    /// <param name="place">What the positions are, for example <c>line</c>.</param>
    /// <param name="name">The name of the column, where it is known.</param>
    public (string Cause, string Remedy)? Describe((long Numbers, long Pointed, long Dates, long Flags) fitting, string place, string? name)
    {
        var (numbers, dates, flags) = (
            fitting.Numbers + Scaled(_numbers), fitting.Dates + Scaled(_dates), fitting.Flags + Scaled(_flags));
        var most = Math.Max(numbers, Math.Max(dates, flags));
        var type = most == numbers ? ColumnType.Number : most == dates ? ColumnType.Timestamp : ColumnType.Boolean;
        var others = Count + fitting.Numbers + fitting.Dates + fitting.Flags - most;
        var (written, things, first) = type switch
        {
            ColumnType.Number => (_numbers, "numbers", _number),
            ColumnType.Timestamp => (_dates, "dates", _date),
            _ => (_flags, "booleans", _flag),
        };

        // What is of another kind, or a stray that is none of few, may be one in twenty.
        var strays = _strays.Describe(place, most);
        var odd = strays is null ? others : others - _strays.Others;
        if (most < (strays is null || odd > 0 ? Fewest : 1) || odd * 20 > most) return null;
        var causes = new List<string>();
        var remedies = new List<string>();
        if (written > 0 && first is var (example, position))
        {
            causes.Add(FormattableString.Invariant($"although its values are {things}, such as '{example}' in {place} {position}"));
            remedies.AddRange(Remedies(type, fitting));
        }
        if (strays is not null)
        {
            causes.Add($"because of {strays}");
            remedies.Add(
                _strays.Only == name && name is not null ? "remove the line that repeats the header"
                : _strays.AreTokens ? "add the texts of missing values to CsvOptions.NullTokens"
                : "correct the values, or add the texts of missing values to CsvOptions.NullTokens");
        }
        else if (odd > 0)
        {
            causes.Add(string.Create(
                CultureInfo.InvariantCulture, $"because of {odd:N0} other values, the first in {place} {_strays.First}"));
            remedies.Add(
                "correct these values, or give the column its type in CsvOptions.Schema and set malformed rows to be read as missing");
        }
        return causes.Count == 0 ? null : (string.Join(", and ", causes), string.Join("; ", remedies));
    }

    private void Add(Notation notation, ReadOnlySpan<byte> value, long position)
    {
        var example = PrintableText.Shorten(value);
        switch (notation.Type)
        {
            case ColumnType.Number:
                _numbers++;
                _number ??= (example, position);
                break;
            case ColumnType.Timestamp:
                _dates++;
                _date ??= (example, position);
                break;
            default:
                _flags++;
                _flag ??= (example, position);
                break;
        }
        _hasBlanks |= notation.HasBlanks;
        _hasHidden |= notation.HasHidden;
        _hasSigns |= notation.HasOtherSign;
        if (notation.Unit is { } unit && _units.Count <= 3) _units.Add(unit);
        if (notation.Cultures != 0) _local++;
        for (var i = 0; i < _cultures.Length; i++) _cultures[i] += (notation.Cultures >> i) & 1;
        for (var i = 0; i < _formats.Length; i++) _formats[i] += (notation.DateFormats >> i) & 1;
        _timeFormat = Math.Max(_timeFormat, notation.TimeFormat);
    }

    private long Scaled(long counted) => _asked == 0 ? 0 : (long)(counted * ((double)Count / _asked));

    private IEnumerable<string> Remedies(ColumnType type, (long Numbers, long Pointed, long Dates, long Flags) fitting)
    {
        if (_hasHidden) yield return "set CsvOptions.Trim, which removes the characters around them that cannot be seen";
        else if (_hasBlanks) yield return "set CsvOptions.Trim, which removes the spaces around them";
        if (type == ColumnType.Timestamp && _formats.Max() > 0)
        {
            var most = _formats.Max();
            string[] formats = [.. Notation.Formats.Where((_, i) => _formats[i] == most)
                .Select(format => $"\"{format}{Notation.TimeFormats[_timeFormat]}\"")];
            yield return $"set their format with CsvOptions.DateFormats ({string.Join(" or ", formats)}), or read them with ParseDates";
        }
        if (type != ColumnType.Number) yield break;
        if (_local > 0)
        {
            // A decimal point among the others excludes cultures that write a comma.
            string[] cultures = [.. Notation.CultureNames
                .Where((_, i) => _cultures[i] == _local && (fitting.Pointed == 0 || i is 0 or 3)).Select(culture => $"\"{culture}\"")];
            yield return cultures.Length > 0
                ? $"set their culture with CsvOptions.Culture ({string.Join(" or ", cultures)})"
                : "write them in one way, and set it with CsvOptions.Culture";
        }
        if (_units.Count == 1) yield return $"name their unit in CsvOptions.Units (\"{PrintableText.Shorten(_units.First())}\")";
        else if (_units.Count > 1)
        {
            var units = string.Join(", ", _units.Take(3).Select(PrintableText.Shorten));
            yield return $"write all in one unit ({units}), and name it in CsvOptions.Units";
        }
        if (_hasSigns) yield return "write the minus before the number";
    }
}
