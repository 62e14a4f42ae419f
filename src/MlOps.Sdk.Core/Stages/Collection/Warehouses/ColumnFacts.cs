using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>What a warehouse said of a column, in the order in which it was asked. Not thread-safe while it is filled.</summary>
/// <param name="column">The column.</param>
internal sealed class ColumnFacts(TableColumn column)
{
    public TableColumn Column => column;

    /// <summary>The rows.</summary>
    public long Rows { get; set; }

    /// <summary>The rows with a value, NaN included.</summary>
    public long Filled { get; set; }

    /// <summary>How many values are NaN.</summary>
    public long NotNumbers { get; set; }

    /// <summary>How many values are −∞.</summary>
    public long BelowAll { get; set; }

    /// <summary>How many values are finite; for texts and all others, how many there are.</summary>
    public long Finite { get; set; }

    /// <summary>The smallest finite number as <see cref="TableColumn.Value"/> has it; <see langword="null"/> where there is none.</summary>
    public object? Lowest { get; set; }

    /// <summary>The largest finite number as <see cref="TableColumn.Value"/> has it.</summary>
    public object? Highest { get; set; }

    /// <summary>The number of distinct values, infinite ones included.</summary>
    public double Distinct { get; set; } = double.NaN;

    /// <summary>The bytes of UTF-8 of the longest text, where texts are counted.</summary>
    public long LongestText { get; set; }

    /// <summary>Whether <see cref="Distinct"/> was counted, not estimated.</summary>
    public bool IsDistinctExact { get; set; }

    /// <summary>The finite numbers by ranges, ascending; empty for texts.</summary>
    public IReadOnlyList<CountedRange> Ranges { get; set; } = [];

    /// <summary>The moments of the finite numbers.</summary>
    public Moments Moments { get; set; } = new();

    /// <summary>What is known of times.</summary>
    public TimeCoverage? Times { get; set; }

    /// <summary>What is known of texts.</summary>
    public TextFacts? Texts { get; set; }

    public long Infinite => Filled - NotNumbers - Finite;

    /// <summary>The rows without a value; NaN is none.</summary>
    public long Missing => Rows - Filled + NotNumbers;

    /// <summary>The quantiles of all numbers, infinite ones included.</summary>
    public QuantileSketch SketchOfAll()
    {
        List<CountedRange> all = [.. Ranges];
        if (BelowAll > 0) all.Insert(0, CountedRange.Of(double.NegativeInfinity, BelowAll));
        if (Infinite > BelowAll) all.Add(CountedRange.Of(double.PositiveInfinity, Infinite - BelowAll));
        return QuantileSketch.Of(all);
    }

    /// <summary>The profile; it has no sketch of distinct values.</summary>
    public ColumnProfile Profile(ColumnType? type = null) => Texts is { } texts
        ? new ColumnProfile(Rows, Missing, texts.Lengths, FrequentItems.Of(texts.Frequent, Finite, texts.MostOfOthers), texts.Characters)
        : new ColumnProfile(type ?? Column.Type, Rows, Missing, Infinite, Moments, Ranges, Times);
}
