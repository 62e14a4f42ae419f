using MathNet.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Confidence intervals that hold at every look at once: the probability that any of them, however often and whenever they are looked at,
/// misses the true value is at most 1 − level. A test that is repeated while data arrives needs them. Thread-safe.
/// </summary>
public static class ConfidenceSequences
{
    private const double Prior = 0.5;
    private const int Halvings = 200;

    // Where a bounded mean may lie, and how much is bet on it, as shares of the bounds: some of them are near the best for any rows.
    private static readonly double[] s_centres = [.. Enumerable.Range(1, 10).Select(i => Math.Pow(2, -i)).Prepend(0.75)];
    private static readonly double[] s_bets = [.. Enumerable.Range(1, 12).Select(i => Math.Pow(2, -i)).Prepend(0.75).Prepend(0.9375)];

    /// <summary>
    /// The confidence sequence of a proportion: those that a mixture of likelihood ratios over Beta(½, ½) does not refute (Robbins 1970;
    /// Howard, Ramdas, McAuliffe and Sekhon 2021). Holds for any number of rows.
    /// </summary>
    /// <param name="successes">The number of successes until now.</param>
    /// <param name="total">The number of rows until now; 0 gives the interval from 0 to 1.</param>
    /// <param name="level">The confidence over all looks. Default: 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The total is negative, successes lie outside 0 to the total, or the level outside 0 to 1.
    /// </exception>
    public static ConfidenceInterval OfProportion(long successes, long total, double level = 0.95)
    {
        RequireCounts(successes, total);
        return OfSum(successes, total, level);
    }

    /// <summary>
    /// The confidence sequence of a mean of values between 0 and 1, as of a proportion: the likelihood ratio of a value is convex, so that
    /// its mean is at most that of a success or failure with the same mean.
    /// </summary>
    /// <param name="sum">The sum of the values until now.</param>
    /// <param name="total">Their number.</param>
    /// <param name="level">The confidence over all looks.</param>
    internal static ConfidenceInterval OfSum(double sum, long total, double level)
    {
        Samples.RequireProbability(level, nameof(level));
        if (total == 0) return new ConfidenceInterval(0, 1, level);
        var successes = Math.Clamp(sum, 0, total);
        var limit = -Math.Log(1 - level);
        var mixture = Mixture(successes, total);
        var rate = successes / total;
        return new ConfidenceInterval(
            successes == 0 ? 0 : Bound(0, rate), successes == total ? 1 : Bound(1, rate), level);

        // The evidence against a proportion falls from either end to the observed one.
        double Bound(double refuted, double kept)
        {
            for (var i = 0; i < Halvings; i++)
            {
                var middle = refuted + (kept - refuted) / 2;
                if (middle == refuted || middle == kept) break;
                if (mixture - LogLikelihood(middle, successes, total) >= limit) refuted = middle;
                else kept = middle;
            }

            return refuted;
        }
    }

    /// <summary>
    /// The confidence sequence of a quantile from counts in bins: the bins at whose edges <see cref="OfProportion"/> does not refute that
    /// the share of the rows up to there is the quantile's (Howard and Ramdas 2022). Holds for any number of rows.
    /// </summary>
    /// <param name="counts">The rows in each bin until now.</param>
    /// <param name="edges">The upper edge of each bin, included, ascending; as many as bins.</param>
    /// <param name="quantile">The quantile, above 0 and below 1, for example 0.95.</param>
    /// <param name="level">The confidence over all looks. Default: 0.95.</param>
    /// <returns>The bounds, which are edges: minus infinity and infinity where the rows do not tell.</returns>
    /// <exception cref="ArgumentException">There are not as many edges as bins.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or the quantile or the level lies outside 0 to 1.</exception>
    public static ConfidenceInterval OfQuantile(
        ReadOnlySpan<long> counts, ReadOnlySpan<double> edges, double quantile, double level = 0.95)
    {
        if (counts.Length != edges.Length)
        {
            throw new ArgumentException($"There are {edges.Length} edges for {counts.Length} bins.", nameof(edges));
        }
        Samples.RequireProbability(quantile, nameof(quantile));
        Samples.RequireProbability(level, nameof(level));
        var total = 0L;
        foreach (var count in counts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(counts));
            total = checked(total + count);
        }
        var limit = -Math.Log(1 - level);
        var (lower, upper, below) = (double.NegativeInfinity, double.PositiveInfinity, 0L);
        for (var i = 0; i < counts.Length && total > 0; i++)
        {
            below += counts[i];
            var isRefuted = Mixture(below, total) - LogLikelihood(quantile, below, total) >= limit;
            if (isRefuted && below < quantile * total) lower = edges[i];
            if (!isRefuted || below < quantile * total) continue;
            upper = edges[i];
            break;
        }

        return new ConfidenceInterval(lower, upper, level);
    }

    /// <summary>
    /// The asymptotic confidence sequence of a mean (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024): it holds where the first look
    /// comes after enough rows for their mean to be about normal.
    /// </summary>
    /// <param name="mean">The mean of the rows until now.</param>
    /// <param name="variance">Their sample variance, at least 0.</param>
    /// <param name="total">Their number, at least 2.</param>
    /// <param name="level">The confidence over all looks. Default: 0.95.</param>
    /// <param name="narrowestAt">The number of rows at which the interval is about narrowest for its level. Default: 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is not finite or out of its range, or the level lies outside 0 to 1.
    /// </exception>
    public static ConfidenceInterval OfMean(
        double mean, double variance, long total, double level = 0.95, long narrowestAt = 1_000)
    {
        if (!double.IsFinite(mean)) throw new ArgumentOutOfRangeException(nameof(mean), mean, "A mean is a finite number.");
        if (!double.IsFinite(variance) || variance < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(variance), variance, "A variance is a finite number of at least 0.");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(narrowestAt);
        Samples.RequireProbability(level, nameof(level));
        var spread = -2 * Math.Log(1 - level);
        var rho = (spread + Math.Log(spread + 1)) / narrowestAt;
        var weight = total * rho + 1;
        var half = Math.Sqrt(variance * weight / ((double)total * total * rho) * (Math.Log(weight) + spread));
        return new ConfidenceInterval(mean - half, mean + half, level);
    }

    /// <summary>
    /// The confidence sequence of a mean of values between two bounds, which is narrow where they vary little: empirical Bernstein (Fan,
    /// Grama and Liu 2015; Howard, Ramdas, McAuliffe and Sekhon 2021), with the best of 11 centres and 14 bets that share what the level
    /// leaves. Holds for any number of rows and any distribution between the bounds, which must be fixed before the first row.
    /// </summary>
    /// <param name="mean">The mean of the rows until now; without rows it does not matter.</param>
    /// <param name="variance">Their sample variance, at least 0; for fewer than two rows it does not matter.</param>
    /// <param name="total">Their number; 0 gives the interval from the least to the most.</param>
    /// <param name="least">The least that a value can be.</param>
    /// <param name="most">The most that a value can be, above <paramref name="least"/>.</param>
    /// <param name="level">The confidence over all looks. Default: 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is not finite or out of its range, or the level lies outside 0 to 1.
    /// </exception>
    public static ConfidenceInterval OfBoundedMean(
        double mean, double variance, long total, double least, double most, double level = 0.95)
    {
        if (!double.IsFinite(least)) throw new ArgumentOutOfRangeException(nameof(least), least, "A bound is a finite number.");
        if (!(most > least) || !double.IsFinite(most - least))
        {
            throw new ArgumentOutOfRangeException(nameof(most), most, "The upper bound is a finite number above the lower one.");
        }
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        Samples.RequireProbability(level, nameof(level));
        if (total == 0) return new ConfidenceInterval(least, most, level);

        // Sums are rounded: a mean of values that are all at a bound may be beyond it by a trifle.
        var (width, trifle) = (most - least, 1e-6 * (most - least));
        if (!(mean >= least - trifle && mean <= most + trifle))
        {
            throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean lies between the bounds.");
        }
        if (total > 1 && !(variance >= 0 && double.IsFinite(variance)))
        {
            throw new ArgumentOutOfRangeException(nameof(variance), variance, "A variance is a finite number of at least 0.");
        }
        var rate = Math.Clamp((mean - least) / width, 0, 1);
        var spread = total == 1 ? 0 : variance / width / width * (total - 1) / total;
        var needed = Math.Log(2 * s_centres.Length * s_bets.Length / (1 - level)) / total;
        var (lower, upper) = (0.0, 1.0);
        foreach (var centre in s_centres)
        {
            var square = spread + ((rate - centre) * (rate - centre));
            foreach (var bet in s_bets)
            {
                lower = Math.Max(lower, rate - Half(bet, square, centre));
                upper = Math.Min(upper, rate + Half(bet, square, 1 - centre));
            }
        }

        return new ConfidenceInterval(least + (lower * width), least + (upper * width), level);

        // A value is below (above) the centre by no more than a range, of which the bet is a share: from below, log(1 + x) is at least
        // x + (log(1 − bet) + bet) (x / bet)² for every x of at least −bet.
        double Half(double bet, double square, double range) =>
            (((-double.LogP1(-bet) - bet) * square / (range * range)) + needed) / (bet / range);
    }

    // Divided by the likelihood of the true proportion, a martingale with mean 1: Ville's inequality bounds how far it ever goes.
    private static double Mixture(double successes, long total) =>
        SpecialFunctions.BetaLn(Prior + successes, Prior + total - successes) - SpecialFunctions.BetaLn(Prior, Prior);

    private static double LogLikelihood(double proportion, double successes, long total) =>
        (successes == 0 ? 0 : successes * Math.Log(proportion))
            + (successes == total ? 0 : (total - successes) * double.LogP1(-proportion));

    private static void RequireCounts(long successes, long total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, total);
    }
}
