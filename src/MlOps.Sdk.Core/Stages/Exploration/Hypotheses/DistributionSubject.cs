namespace MlOps.Sdk.Exploration;

/// <summary>The distribution of a column, as the subject of a hypothesis. Immutable.</summary>
public sealed class DistributionSubject
{
    private readonly string _column;

    internal DistributionSubject(string column) => _column = column;

    /// <summary>
    /// The distribution is the same in the two groups of a column: Kolmogorov–Smirnov for numbers and points in time, χ² for texts and
    /// booleans. Absence of evidence is not enough: the claim is supported when the upper bound of the Kolmogorov–Smirnov distance (by the
    /// inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant), or of Cramér's V, is below
    /// <see cref="HypothesisRows.NegligibleAssociation"/>. For numbers this needs some thousand rows in each group.
    /// </summary>
    /// <param name="column">A column with exactly two values.</param>
    public HypothesisClaim IsTheSameBetween(string column)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        return new HypothesisClaim(
            $"distribution of {_column} is the same between {column}",
            (name, rows) => DistributionHypothesis.Test(name, rows, _column, column));
    }
}
