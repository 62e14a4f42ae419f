using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The few different values that keep a column of numbers, of dates or of booleans from being one, such as a token for missing values that
/// nobody named. Not thread-safe.
/// </summary>
internal struct StrayValues
{
    private const int Most = 5;
    private const int FewestFitting = 20;
    private const int FewestBesideTokens = 3;

    private static readonly HashSet<string> Tokens = new(StringComparer.OrdinalIgnoreCase)
    {
        "NA", "N/A", "N.A.", "#N/A", "#NA", "n/a.", "NaN", "-NaN", "null", "(null)", "<null>", "nil", "none", "<NA>", "missing",
        "(missing)", "unknown", "undefined", "not available", "not applicable", "no data", "nodata", "void", "blank", "(blank)", "empty",
        "k.A.", "k. A.", "n.v.", "nd", "s/d", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "\\N", ".", "-", "--", "---",
        "?", "??", "–", "—", "''", "\"\"",
    };

    private long _others;
    private long _first;
    private List<(byte[] Value, long Count)>? _values;

    /// <summary>The values so far that are what the column would be without the others.</summary>
    public long Fitting { get; private set; }

    /// <summary>How many values do not fit.</summary>
    public readonly long Others => _others;

    /// <summary>Whether there are too many different ones to be strays, whatever follows.</summary>
    public readonly bool AreMany => _values is { Count: > Most };

    /// <summary>The only value that does not fit, as text; <see langword="null"/> when there is none or another one.</summary>
    public readonly string? Only => _values is [var (value, _)] ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Where the first value stands that does not fit.</summary>
    public readonly long First => _first;

    /// <summary>Whether every value that does not fit is a known token of a missing one.</summary>
    public readonly bool AreTokens => _values is { Count: > 0 and <= Most } values && values.TrueForAll(IsToken);

    public void AddFitting() => Fitting++;

    /// <summary>Counts a value where it is one of those that do not fit.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryCount(ReadOnlySpan<byte> value)
    {
        if (_values is null || AreMany) return false;
        for (var i = 0; i < _values.Count; i++)
        {
            if (!value.SequenceEqual(_values[i].Value)) continue;
            _values[i] = (_values[i].Value, _values[i].Count + 1);
            _others++;
            return true;
        }

        return false;
    }

    /// <summary>Adds a value that does not fit; only the first few different ones are kept.</summary>
    public void Add(ReadOnlySpan<byte> value, long position)
    {
        if (TryCount(value)) return;
        if (_others++ == 0) _first = position;
        _values ??= [];
        if (_values.Count <= Most) _values.Add((value.ToArray(), 1));
    }

    /// <summary>
    /// What keeps the column from being what it would be, where the values that do not fit are at most five different ones. They may be
    /// any share where they are known tokens of missing values, or always the same one beside 20 that fit, and half of the column
    /// otherwise. For example <c>'NA' in line 9 and 1 more</c>; else <see langword="null"/>.
    /// </summary>
    /// <param name="place">What the positions are, for example <c>line</c>.</param>
    /// <param name="fitting">How many values fit, where it is not <see cref="Fitting"/>.</param>
    public readonly string? Describe(string place, long? fitting = null)
    {
        if (_values is not { Count: > 0 and <= Most } values) return null;
        var fit = fitting ?? Fitting;
        var others = values.Where(value => !IsToken(value)).Sum(value => value.Count);
        if (fit < FewestFitting && (fit < FewestBesideTokens || others > 0)) return null;
        if (values.Count > 1 && others > fit) return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", values.Select(value => $"'{PrintableText.Shorten((ReadOnlySpan<byte>)value.Value)}'"))} " +
                $"in {place} {_first}{(_others > 1 ? $" and {_others - 1} more" : "")}");
    }

    private static bool IsToken((byte[] Value, long Count) value) => Tokens.Contains(Encoding.UTF8.GetString(value.Value).Trim());
}
