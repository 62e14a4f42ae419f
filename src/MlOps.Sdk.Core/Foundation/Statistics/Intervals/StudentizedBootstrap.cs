namespace MlOps.Sdk.Statistics;

/// <summary>
/// The studentized bootstrap (Efron 1982; Hall 1988): quantiles of (statistic of a resample − statistic)/(its standard error there) take
/// the place of those of Student's t. Unlike the percentile bootstrap it knows that the spread itself is uncertain, and that a skewed
/// statistic is low where its spread is small.
/// </summary>
internal static class StudentizedBootstrap
{
    // As in PairedBootstrap: what is counted with fewer resamples is noise.
    private const int TailResamples = 10;

    /// <summary>The interval of a statistic.</summary>
    /// <remarks>
    /// Where fewer than ten resamples lie beyond a bound, or some have no spread because few rows matter, the interval reaches at least as
    /// far as Student's.
    /// </remarks>
    /// <param name="rowCount">The number of rows, positive.</param>
    /// <param name="statistic">The statistic over row numbers, with its standard error from the same rows.</param>
    /// <param name="level">The confidence.</param>
    /// <param name="resamples">The number of resamples.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The bounds are NaN where the statistic, or half of the resamples, have none.</returns>
    public static ConfidenceInterval Interval(
        int rowCount, Func<ReadOnlyMemory<int>, Estimate> statistic, double level, int resamples, int seed)
    {
        int[] all = [.. Enumerable.Range(0, rowCount)];
        var (value, error) = statistic(all);
        if (error == 0 && double.IsFinite(value)) return new ConfidenceInterval(value, value, level);
        var sorted = double.IsFinite(value) && double.IsFinite(error) ? Resampling.Run(rowCount, Studentized, resamples, seed) : [];
        if (sorted.Length * 2 <= resamples) return new ConfidenceInterval(double.NaN, double.NaN, level);
        double low = Quantile(sorted, (1 - level) / 2), high = Quantile(sorted, (1 + level) / 2);
        if (sorted.Length * (1 - level) / 2 < TailResamples || sorted.Length < resamples)
        {
            var t = Distribution.StudentQuantile(0.5 + level / 2, rowCount - 1);
            (low, high) = (Math.Min(low, -t), Math.Max(high, t));
        }

        return new ConfidenceInterval(value - high * error, value - low * error, level);

        double Studentized(ReadOnlyMemory<int> rows)
        {
            var (resampled, spread) = statistic(rows);
            return spread > 0 ? (resampled - value) / spread : double.NaN;
        }
    }

    /// <summary>The order statistic at q·(n + 1): of n resamples and the sample itself, a share q is below.</summary>
    private static double Quantile(double[] sorted, double q)
    {
        var position = Math.Clamp(q * (sorted.Length + 1) - 1, 0, sorted.Length - 1);
        var below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (sorted[below + 1] - sorted[below]) * (position - below);
    }
}
