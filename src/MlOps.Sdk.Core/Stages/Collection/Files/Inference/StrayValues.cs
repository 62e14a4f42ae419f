using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The few values that keep a column of numbers, or of dates, from being one, such as a token for missing values that
/// nobody named. Not thread-safe.
/// </summary>
internal struct StrayValues
{
    private const int Most = 5;
    private const int FewestFitting = 20;
    private long _others;
    private long _firstOther;
    private List<byte[]>? _values;

    /// <summary>The values so far that are what the column would be without the others.</summary>
    public long Fitting { get; private set; }

    /// <summary>Whether there are too many to be strays, whatever follows.</summary>
    public readonly bool AreMany => _values is { Count: > Most } || (_others > 10_000 && _others > Fitting);

    public void AddFitting() => Fitting++;

    /// <summary>Adds a value that does not fit; only the first few different ones are kept.</summary>
    public void Add(ReadOnlySpan<byte> value, long position)
    {
        Count(position);
        _values ??= [];
        if (_values.Count > Most) return;
        foreach (var known in _values)
        {
            if (value.SequenceEqual(known)) return;
        }

        _values.Add(value.ToArray());
    }

    /// <summary>Counts a value that does not fit without keeping it.</summary>
    public void Count(long position)
    {
        if (_others++ == 0) _firstOther = position;
    }

    /// <summary>
    /// What keeps the column from being what it would be, where at least half of its values, and 20, fit, and the others are at most five
    /// different ones: for example <c>'NA' in line 9 and 1 more</c>. Otherwise <see langword="null"/>.
    /// </summary>
    /// <param name="place">What the positions are, for example <c>line</c>.</param>
    public readonly string? Describe(string place) =>
        _values is { Count: <= Most } values && Fitting >= FewestFitting && _others <= Fitting
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", values.Select(value => $"'{PrintableText.Shorten((ReadOnlySpan<byte>)value)}'"))} " +
                    $"in {place} {_firstOther}{(_others > 1 ? $" and {_others - 1} more" : "")}")
            : null;
}
