namespace MlOps.Sdk.Statistics;

/// <summary>Confidence intervals. Thread-safe.</summary>
public static class Intervals
{
    /// <summary>Wilson's score interval of a proportion (Wilson 1927), without continuity correction.</summary>
    /// <param name="successes">The number of successes.</param>
    /// <param name="total">The number of rows, positive.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The total is not positive, successes lie outside 0 to the total, or the level outside 0 to 1.
    /// </exception>
    public static ConfidenceInterval Wilson(long successes, long total, double level = 0.95)
    {
        Proportion.Require(successes, total, nameof(successes));
        Samples.RequireProbability(level, nameof(level));
        return Wilson(successes / (double)total, (double)total, level);
    }

    /// <summary>
    /// Newcombe's hybrid score interval of the difference of two independent proportions, first minus second (Newcombe 1998, method 10).
    /// </summary>
    /// <param name="successesA">Successes in the first sample.</param>
    /// <param name="totalA">The size of the first sample, positive.</param>
    /// <param name="successesB">Successes in the second sample.</param>
    /// <param name="totalB">The size of the second sample, positive.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A total is not positive, successes lie outside 0 to the total, or the level outside 0 to 1.
    /// </exception>
    public static ConfidenceInterval NewcombeDifference(long successesA, long totalA, long successesB, long totalB, double level = 0.95)
    {
        var a = Wilson(successesA, totalA, level);
        var b = Wilson(successesB, totalB, level);
        double p = (double)successesA / totalA, q = (double)successesB / totalB;
        return new ConfidenceInterval(
            p - q - Math.Sqrt((p - a.Lower) * (p - a.Lower) + (b.Upper - q) * (b.Upper - q)),
            p - q + Math.Sqrt((a.Upper - p) * (a.Upper - p) + (q - b.Lower) * (q - b.Lower)),
            level);
    }

    /// <summary>
    /// The percentile bootstrap interval (Efron 1979): quantiles of the statistic over resamples of the rows. Resamples where the
    /// statistic is NaN are left out; when that is more than half of them, the interval is undefined (NaN).
    /// </summary>
    /// <param name="rowCount">The number of rows, positive.</param>
    /// <param name="statistic">
    /// The statistic over row numbers (repetition included); called once per resample, with memory that is used again.
    /// </param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <param name="resamples">The number of resamples, positive. Default: 1000.</param>
    /// <param name="seed">The seed: the same seed gives the same interval. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or the level lies outside 0 to 1.</exception>
    public static ConfidenceInterval Bootstrap(
        int rowCount, Func<ReadOnlyMemory<int>, double> statistic, double level = 0.95, int resamples = 1000, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        Samples.RequireProbability(level, nameof(level));
        return Percentile(Resampling.Run(rowCount, statistic, resamples, seed), resamples, level);
    }

    /// <summary>Wilson's score interval of a share of a number of rows that need not be whole.</summary>
    internal static ConfidenceInterval Wilson(double p, double n, double level)
    {
        var (lower, upper) = new Share(p, n).At(Distribution.NormalQuantile(0.5 + level / 2));
        return new ConfidenceInterval(lower, upper, level);
    }

    /// <summary>The interval between the quantiles of values in ascending order.</summary>
    internal static ConfidenceInterval Percentile(double[] sorted, int resamples, double level) =>
        sorted.Length * 2 <= resamples
            ? new ConfidenceInterval(double.NaN, double.NaN, level)
            : new ConfidenceInterval(Quantiles.OfSorted(sorted, (1 - level) / 2), Quantiles.OfSorted(sorted, (1 + level) / 2), level);
}
