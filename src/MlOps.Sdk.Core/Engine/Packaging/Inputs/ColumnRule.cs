using System.Collections.Frozen;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Packaging;

/// <summary>What is expected of the values of a column, and what happens to others. Immutable and thread-safe.</summary>
internal sealed record ColumnRule(Field Field)
{
    public InputHandling MissingColumn { get; init; }

    public InputHandling Missing { get; init; }

    public InputHandling Mistyped { get; init; }

    public InputHandling OutOfDomain { get; init; }

    public InputHandling Unseen { get; init; }

    /// <summary>The smallest number that is expected; without a bound where none is watched.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    /// <summary>The greatest number that is expected; without a bound where none is watched.</summary>
    public double High { get; init; } = double.PositiveInfinity;

    /// <summary>By how much the range is wider than that of the training rows on either side, as a share of its width.</summary>
    public double Slack { get; init; }

    /// <summary>The smallest and the greatest number of the training rows, for messages.</summary>
    public (double Low, double High) Trained { get; init; }

    /// <summary>The hashes of the texts of the training rows.</summary>
    public KnownLevels Levels { get; init; } = KnownLevels.None;

    /// <summary>The texts of the training rows, where there are few; <see langword="null"/> where only their hashes are known.</summary>
    public FrozenSet<string>? Texts { get; init; }

    /// <summary>Whether no training row had a text. Allocates nothing.</summary>
    public bool IsNew(string text) => Texts is null ? Levels.IsNew(text) : !Texts.Contains(text);

    /// <summary>A column of one row, which takes the place of what is handled so.</summary>
    public Column? Default { get; init; }

    /// <summary>Whether values are looked at at all.</summary>
    public bool LooksAtValues => Missing != InputHandling.Accept || OutOfDomain != InputHandling.Accept || Unseen != InputHandling.Accept;
}
