namespace MlOps.Sdk.Exploration;

/// <summary>
/// The words that hypotheses are written with, for example <c>rows => rows.Rate("churn", "Yes").IsHigherWhere("contract",
/// "Month-to-month")</c>. Rows where a named column has no value are left out. Thread-safe.
/// </summary>
public sealed class HypothesisRows
{
    internal HypothesisRows()
    {
    }

    /// <summary>Writes a hypothesis.</summary>
    /// <param name="name">The claim in words.</param>
    /// <param name="claim">The claim in the words of this class.</param>
    public static IHypothesis Write(string name, Func<HypothesisRows, HypothesisClaim> claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim(new HypothesisRows()).Named(name);
    }

    /// <summary>The share of rows with a value.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The value, as invariant text (<c>true</c> and <c>false</c> for booleans).</param>
    public RateSubject Rate(string column, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ArgumentNullException.ThrowIfNull(value);
        return new RateSubject(column, value);
    }

    /// <summary>The mean of a numeric column.</summary>
    /// <param name="column">The column: number, integer, boolean (0 and 1) or timestamp (seconds).</param>
    public MeanSubject Mean(string column)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        return new MeanSubject(column);
    }

    /// <summary>A numeric column over time: whether it rises or falls.</summary>
    /// <param name="column">The column: number, integer, boolean (0 and 1) or timestamp (seconds).</param>
    public TrendSubject Trend(string column)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        return new TrendSubject(column);
    }

    /// <summary>The distribution of a column: whether it is the same in two groups.</summary>
    /// <param name="column">The column.</param>
    public DistributionSubject Distribution(string column)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        return new DistributionSubject(column);
    }

    /// <summary>Two numeric columns go together: by ranks (Spearman), or in a line (Pearson).</summary>
    /// <param name="first">The first column.</param>
    /// <param name="second">The second column.</param>
    /// <param name="sign">Greater: they rise together; less: one falls as the other rises. Default: either.</param>
    /// <param name="linear">
    /// Whether Pearson's r is tested, which a few extreme values can decide, instead of Spearman's ρ. Default: no.
    /// </param>
    public HypothesisClaim Correlates(string first, string second, Alternative sign = Alternative.TwoSided, bool linear = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(first);
        ArgumentException.ThrowIfNullOrWhiteSpace(second);
        var how = $"{(sign == Alternative.TwoSided ? "" : sign == Alternative.Greater ? " positively" : " negatively")}" +
            $"{(linear ? " in a line" : "")}";
        return new HypothesisClaim(
            $"{first} correlates{how} with {second}",
            (name, rows) => AssociationHypotheses.Correlates(name, rows, first, second, sign, linear));
    }

    /// <summary>
    /// Two columns with levels have nothing to do with each other (χ² test). Absence of evidence is not enough: the claim is supported when
    /// the upper bound of Cramér's V is below <see cref="NegligibleAssociation"/>.
    /// </summary>
    /// <param name="first">The first column.</param>
    /// <param name="second">The second column.</param>
    public HypothesisClaim IsIndependent(string first, string second)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(first);
        ArgumentException.ThrowIfNullOrWhiteSpace(second);
        return new HypothesisClaim(
            $"{first} is independent of {second}",
            (name, rows) => AssociationHypotheses.IsIndependent(name, rows, first, second));
    }

    /// <summary>A Cramér's V below this counts as no association.</summary>
    public const double NegligibleAssociation = 0.1;
}
