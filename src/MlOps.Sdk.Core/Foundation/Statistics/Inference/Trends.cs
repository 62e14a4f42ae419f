namespace MlOps.Sdk.Statistics;

/// <summary>Whether values rise or fall with time, whatever the shape of the trend. Thread-safe.</summary>
public static class Trends
{
    /// <summary>The most rows that <see cref="SenSlope"/> takes: it keeps a slope for each pair of rows.</summary>
    public const int SenSlopeLimit = 3000;

    /// <summary>
    /// The Mann–Kendall test of a trend (Mann 1945, Kendall 1970), by the normal approximation with correction for ties in values and times
    /// and for continuity. The statistic is z; the effect is Kendall's τ-b, −1 to 1. Needs about ten rows or more, independent of each
    /// other: rows that follow their predecessors make p too small.
    /// </summary>
    /// <param name="times">The time of each row, finite, in any order and unit.</param>
    /// <param name="values">The value of each row, finite.</param>
    /// <param name="alternative">The alternative hypothesis; greater: the values rise. Default: two-sided.</param>
    /// <returns>The result; undefined when all values or all times are equal.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than three rows, or a number is not finite.</exception>
    public static TestResult MannKendall(
        ReadOnlySpan<double> times, ReadOnlySpan<double> values, Alternative alternative = Alternative.TwoSided)
    {
        Require(times, values, 3);
        var n = times.Length;
        var order = Order(times, values);
        var (x, y) = (new double[n], new double[n]);
        for (var i = 0; i < n; i++) (x[i], y[i]) = (times[order[i]], values[order[i]]);
        double pairs = (double)n * (n - 1) / 2, both = 0;
        for (int start = 0, end; start < n; start = end)
        {
            for (end = start + 1; end < n && x[end] == x[start] && y[end] == y[start];) end++;
            both += (double)(end - start) * (end - start - 1) / 2;
        }

        var tiesX = TiesOf(x);
        var discordant = CountInversions(y);
        var tiesY = TiesOf(y); // y is sorted now
        if (tiesX.Pairs == pairs || tiesY.Pairs == pairs)
        {
            return new TestResult(
                "Mann-Kendall", double.NaN, double.NaN, double.NaN, "Kendall's tau-b", n, 0, "All values, or all times, are equal.");
        }
        var s = pairs - tiesX.Pairs - tiesY.Pairs + both - 2 * discordant;
        var variance = Variance(n, tiesX, tiesY);
        var z = (s - Math.Sign(s)) / Math.Sqrt(variance);
        var tau = Math.Clamp(s / Math.Sqrt(pairs - tiesX.Pairs) / Math.Sqrt(pairs - tiesY.Pairs), -1, 1);
        return new TestResult("Mann-Kendall", z, Distribution.NormalP(z, alternative), tau, "Kendall's tau-b", n, 0);
    }

    /// <summary>
    /// Sen's slope: the median of the slopes between all pairs of rows with different times, with its interval from the normal
    /// approximation of Kendall's S (Sen 1968).
    /// </summary>
    /// <param name="times">The time of each row, finite, in any order.</param>
    /// <param name="values">The value of each row, finite.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <returns>
    /// Slope and interval, per unit of time; NaN when all times are equal. With a handful of rows the interval reaches from the
    /// smallest to the largest slope.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, there are fewer than two rows or more than <see cref="SenSlopeLimit"/>, or a number is not finite.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The level lies outside 0 to 1.</exception>
    public static (double Slope, ConfidenceInterval Interval) SenSlope(
        ReadOnlySpan<double> times, ReadOnlySpan<double> values, double level = 0.95)
    {
        Require(times, values, 2);
        Samples.RequireProbability(level, nameof(level));
        if (times.Length > SenSlopeLimit)
        {
            throw new ArgumentException($"Sen's slope takes up to {SenSlopeLimit} rows; take a sample.", nameof(times));
        }
        var slopes = new double[times.Length * (times.Length - 1) / 2];
        var count = 0;
        for (var i = 1; i < times.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (times[i] != times[j]) slopes[count++] = (values[i] - values[j]) / (times[i] - times[j]);
            }
        }

        if (count == 0) return (double.NaN, new ConfidenceInterval(double.NaN, double.NaN, level));
        var sorted = Sorting.Sorted(slopes.AsSpan(0, count));
        var half = Distribution.NormalQuantile(0.5 + level / 2) * Math.Sqrt(
            Variance(times.Length, TiesOf(Sorting.Sorted(times)), TiesOf(Sorting.Sorted(values)), withProducts: false));
        var lower = Math.Max(0, (int)Math.Round((count - half) / 2) - 1);
        var upper = Math.Min(count - 1, (int)Math.Round((count + half) / 2));
        return (Quantiles.OfSorted(sorted, 0.5), new ConfidenceInterval(sorted[lower], sorted[upper], level));
    }

    private static void Require(ReadOnlySpan<double> times, ReadOnlySpan<double> values, int fewest)
    {
        Samples.RequireFinite(times, nameof(times));
        Samples.RequireFinite(values, nameof(values));
        Samples.RequirePaired(times.Length, values.Length, nameof(values));
        if (times.Length < fewest) throw new ArgumentException($"A trend needs at least {fewest} rows.", nameof(times));
    }

    private static int[] Order(ReadOnlySpan<double> times, ReadOnlySpan<double> values)
    {
        var keys = new (double Time, double Value)[times.Length];
        var order = new int[times.Length];
        for (var i = 0; i < order.Length; i++) (keys[i], order[i]) = ((times[i], values[i]), i);
        Array.Sort(keys, order);
        return order;
    }

    // Kendall (1970), Rank Correlation Methods, section 5.2. Sen's interval leaves out the terms of ties in both.
    private static double Variance(double n, Ties x, Ties y, bool withProducts = true)
    {
        var variance = (n * (n - 1) * (2 * n + 5) - x.Weighted - y.Weighted) / 18;
        if (!withProducts) return variance;
        return variance + 2 * x.Pairs * y.Pairs / (n * (n - 1)) + x.Triples * y.Triples / (9 * n * (n - 1) * (n - 2));
    }

    private static Ties TiesOf(double[] sorted)
    {
        double pairs = 0, triples = 0, weighted = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];) end++;
            double t = end - start;
            pairs += t * (t - 1) / 2;
            triples += t * (t - 1) * (t - 2);
            weighted += t * (t - 1) * (2 * t + 5);
        }

        return new Ties(pairs, triples, weighted);
    }

    /// <summary>
    /// The pairs where a larger value stands before a smaller one, counted while merging (Knight 1966); sorts the values.
    /// </summary>
    private static double CountInversions(double[] values)
    {
        var spare = new double[values.Length];
        var inversions = 0.0;
        for (var width = 1; width < values.Length; width *= 2)
        {
            for (var start = 0; start < values.Length; start += 2 * width)
            {
                int middle = Math.Min(
                    start + width,
                    values.Length), end = Math.Min(start + 2 * width, values.Length), left = start, right = middle;
                for (var to = start; to < end; to++)
                {
                    if (right == end || (left < middle && values[left] <= values[right]))
                    {
                        spare[to] = values[left++];
                    }
                    else
                    {
                        inversions += middle - left;
                        spare[to] = values[right++];
                    }
                }
            }

            spare.CopyTo(values, 0);
        }

        return inversions;
    }

    private readonly record struct Ties(double Pairs, double Triples, double Weighted);
}
