namespace MlOps.Sdk.Exploration;

/// <summary>The share of rows with a value, as the subject of a hypothesis. Immutable.</summary>
public sealed class RateSubject
{
    private readonly string _column;
    private readonly string _value;

    internal RateSubject(string column, string value)
    {
        _column = column;
        _value = value;
    }

    /// <summary>
    /// The share is higher among rows with a value than among all others (z test of two proportions; Fisher's
    /// exact test when a count is small).
    /// </summary>
    /// <param name="column">The column that distinguishes the two groups.</param>
    /// <param name="value">The value of the group with the higher share, as invariant text.</param>
    public HypothesisClaim IsHigherWhere(string column, string value) => Claim("higher", column, value, Alternative.Greater);

    /// <summary>The share is lower among rows with a value than among all others.</summary>
    /// <param name="column">The column that distinguishes the two groups.</param>
    /// <param name="value">The value of the group with the lower share, as invariant text.</param>
    public HypothesisClaim IsLowerWhere(string column, string value) => Claim("lower", column, value, Alternative.Less);

    private HypothesisClaim Claim(string word, string column, string value, Alternative alternative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ArgumentNullException.ThrowIfNull(value);
        return new HypothesisClaim(
            $"rate of {_column} = {_value} is {word} where {column} = {value}",
            (name, rows) => GroupHypotheses.Rate(name, rows, _column, _value, column, value, alternative));
    }
}
