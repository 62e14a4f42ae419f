namespace MlOps.Sdk.Exploration;

/// <summary>A numeric column over time, as the subject of a hypothesis. Immutable.</summary>
public sealed class TrendSubject
{
    private readonly string _column;

    internal TrendSubject(string column) => _column = column;

    /// <summary>
    /// The values rise with time (Mann–Kendall test; the effect is Sen's slope per day, or per unit when the times are numbers).
    /// </summary>
    /// <param name="times">The column with the times: points in time, or numbers.</param>
    public HypothesisClaim RisesOver(string times) => Claim("rises", times, Alternative.Greater);

    /// <summary>The values fall with time (Mann–Kendall test).</summary>
    /// <param name="times">The column with the times: points in time, or numbers.</param>
    public HypothesisClaim FallsOver(string times) => Claim("falls", times, Alternative.Less);

    private HypothesisClaim Claim(string word, string times, Alternative alternative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(times);
        return new HypothesisClaim(
            $"{_column} {word} over {times}",
            (name, rows) => TrendHypothesis.Test(name, rows, _column, times, alternative));
    }
}
