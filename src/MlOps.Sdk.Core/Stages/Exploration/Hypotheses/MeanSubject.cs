namespace MlOps.Sdk.Exploration;

/// <summary>The mean of a numeric column, as the subject of a hypothesis. Immutable.</summary>
public sealed class MeanSubject
{
    private readonly string _column;

    internal MeanSubject(string column) => _column = column;

    /// <summary>The mean differs between the two groups of a column (Welch's t test).</summary>
    /// <param name="column">A column with exactly two values.</param>
    public HypothesisClaim DiffersBetween(string column)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        return new HypothesisClaim(
            $"mean of {_column} differs between {column}",
            (name, rows) => GroupHypotheses.MeanBetween(name, rows, _column, column));
    }

    /// <summary>The mean is higher among rows with a value than among all others (Welch's t test).</summary>
    /// <param name="column">The column that distinguishes the two groups.</param>
    /// <param name="value">The value of the group with the higher mean, as invariant text.</param>
    public HypothesisClaim IsHigherWhere(string column, string value) => Claim("higher", column, value, Alternative.Greater);

    /// <summary>The mean is lower among rows with a value than among all others (Welch's t test).</summary>
    /// <param name="column">The column that distinguishes the two groups.</param>
    /// <param name="value">The value of the group with the lower mean, as invariant text.</param>
    public HypothesisClaim IsLowerWhere(string column, string value) => Claim("lower", column, value, Alternative.Less);

    private HypothesisClaim Claim(string word, string column, string value, Alternative alternative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ArgumentNullException.ThrowIfNull(value);
        return new HypothesisClaim(
            $"mean of {_column} is {word} where {column} = {value}",
            (name, rows) => GroupHypotheses.MeanWhere(name, rows, _column, column, value, alternative));
    }
}
