namespace MlOps.Sdk.Statistics;

/// <summary>Compares any two statistics on the same rows by resampling the rows jointly. Thread-safe.</summary>
public static class PairedBootstrap
{
    // The standard error of a tail counted with ten resamples is a third of it; what is counted with fewer is noise.
    private const int TailResamples = 10;

    /// <summary>
    /// The difference, second minus first, with its interval and a two-sided p-value. The interval is the percentile interval; where fewer
    /// than ten resamples lie beyond a bound, it reaches at least as far as the bootstrap's normal interval, difference ± z · standard
    /// error (Efron and Tibshirani 1993, chapter 13): quantiles of n resamples cannot lie beyond the outermost one, so they would be too
    /// narrow for tails near and below 1/n, however high the confidence.
    /// </summary>
    /// <param name="rowCount">The number of rows, positive.</param>
    /// <param name="first">The first statistic over row numbers (repetition included).</param>
    /// <param name="second">The second statistic over row numbers.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <param name="resamples">The number of resamples, positive. Default: 1000.</param>
    /// <param name="seed">The seed: the same seed gives the same result. Default: 0.</param>
    /// <returns>
    /// The comparison. The p-value is 2·min(P*(difference ≤ 0), P*(difference ≥ 0)) over the resamples, each with one added, so that it is
    /// never 0. When the statistics are undefined on all rows or on half of the resamples, the numbers are NaN.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or the level lies outside 0 to 1.</exception>
    public static PairedComparison Compare(
        int rowCount,
        Func<ReadOnlyMemory<int>, double> first,
        Func<ReadOnlyMemory<int>, double> second,
        double level = 0.95,
        int resamples = 1000,
        int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        Samples.RequireProbability(level, nameof(level));
        double Difference(ReadOnlyMemory<int> rows) => second(rows) - first(rows);
        var all = new int[rowCount];
        for (var i = 0; i < all.Length; i++) all[i] = i;
        var difference = Difference(all);
        var sorted = Resampling.Run(rowCount, Difference, resamples, seed);
        var interval = Intervals.Percentile(sorted, resamples, level);
        if (double.IsNaN(interval.Lower) || double.IsNaN(difference))
        {
            return new PairedComparison(difference, double.NaN, double.NaN, double.NaN, interval);
        }

        int notAbove = 0, notBelow = 0;
        foreach (var value in sorted)
        {
            if (value <= 0) notAbove++;
            if (value >= 0) notBelow++;
        }

        var error = Math.Sqrt(Samples.SquaredDeviations(sorted, Samples.Mean(sorted)) / Math.Max(1, sorted.Length - 1));
        var p = Math.Min(1, 2.0 * (Math.Min(notAbove, notBelow) + 1) / (sorted.Length + 1));
        if (sorted.Length * (1 - level) / 2 < TailResamples)
        {
            var half = Distribution.NormalQuantile(0.5 + level / 2) * error;
            interval = interval with
            {
                Lower = Math.Min(interval.Lower, difference - half),
                Upper = Math.Max(interval.Upper, difference + half)
            };
        }

        return new PairedComparison(difference, error, double.NaN, p, interval);
    }
}
