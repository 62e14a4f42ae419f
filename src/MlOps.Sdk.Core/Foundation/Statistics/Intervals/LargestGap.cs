namespace MlOps.Sdk.Statistics;

/// <summary>
/// The interval of the largest difference between shares of several groups, or of the smallest ratio. A largest difference is never below
/// 0 and chance alone makes it positive, so resampling it never reaches 0: the interval inverts tests of the differences with their signs.
/// </summary>
/// <remarks>
/// <para>
/// The bound away from equality is the farthest bound of any pair of groups, each without correction: the largest difference is that of
/// one pair, and the bound of this pair holds (intersection-union test, Berger 1982). The bound toward equality rejects a largest
/// difference of d where a pair's own bound exceeds d at a critical value that is corrected for the pairs which can then be the largest:
/// the quantile of the largest standardized difference, over normal draws around the shares that are nearest to those observed and differ
/// by at most d; at d = 0 it is that of Tukey and Kramer's range test, and far from 0 that of a single pair. Two groups need no
/// correction: their interval is Newcombe's (1998, method 10) of the difference with its sign, folded at 0.
/// </para>
/// <para>Ratios are differences of logarithms, with the same limits of Wilson (Zou and Donner 2008).</para>
/// </remarks>
internal sealed class LargestGap
{
    private const int Steps = 24;
    private const int Seed = 20_240_607;

    private readonly Share[][] _families;
    private readonly bool _isRatio;
    private readonly double _level;
    private readonly double _z;
    private readonly double[][] _draws;

    private LargestGap(IEnumerable<IReadOnlyList<Share>> families, bool isRatio, double level)
    {
        _families = [.. families.Where(family => family.Count >= 2).Select(family => family.ToArray())];
        _isRatio = isRatio;
        _level = level;
        _z = Distribution.NormalQuantile(0.5 + level / 2);
        var pairs = _families.Sum(family => family.Length * (family.Length - 1));
        _draws = pairs > 2 ? Draws(Math.Clamp(4_000_000 / pairs, 500, 4_000)) : [];
    }

    /// <summary>The interval of the largest difference within any family, 0 to 1.</summary>
    /// <param name="families">Shares of groups that are compared with each other; those of fewer than two groups are left out.</param>
    /// <param name="level">The confidence.</param>
    public static ConfidenceInterval Difference(IEnumerable<IReadOnlyList<Share>> families, double level)
    {
        var (lower, upper) = new LargestGap(families, isRatio: false, level).Interval();
        return new ConfidenceInterval(lower, upper, level);
    }

    /// <summary>The interval of the smallest ratio of two shares, 0 to 1.</summary>
    /// <param name="shares">The shares of two groups or more.</param>
    /// <param name="level">The confidence.</param>
    public static ConfidenceInterval Ratio(IReadOnlyList<Share> shares, double level)
    {
        var (lower, upper) = new LargestGap([shares], isRatio: true, level).Interval();
        return new ConfidenceInterval(Math.Exp(-upper), Math.Exp(-lower), level);
    }

    private (double Lower, double Upper) Interval()
    {
        if (_families.Length == 0) return (double.NaN, double.NaN);
        var farthest = Math.Max(0, -Bound(_z, smallest: true));
        var nearest = Math.Max(0, Bound(_z, smallest: false));
        if (_draws.Length == 0 || nearest == 0) return (nearest, farthest);

        // A gap of 0 is rejected, or not; one of the nearest bound of a single pair never is.
        if (Bound(Critical(0), smallest: false) <= 0) return (0, farthest);
        double rejected = 0, kept = double.IsFinite(nearest) ? nearest : double.MaxValue;
        for (var step = 0; step < Steps; step++)
        {
            var gap = rejected + (kept - rejected) / 2;
            if (Bound(Critical(gap), smallest: false) > gap) rejected = gap;
            else kept = gap;
        }

        return (rejected, farthest);
    }

    /// <summary>The largest, or smallest, of the lower bounds of all differences of two groups.</summary>
    private double Bound(double z, bool smallest)
    {
        var bound = smallest ? double.PositiveInfinity : double.NegativeInfinity;
        foreach (var family in _families)
        {
            var limits = Array.ConvertAll(family, share => Scaled(share, z));
            for (var i = 0; i < limits.Length; i++)
            {
                for (var j = 0; j < limits.Length; j++)
                {
                    if (i == j) continue;
                    var lower = Lower(limits[i], limits[j]);
                    bound = smallest ? Math.Min(bound, lower) : Math.Max(bound, lower);
                }
            }
        }

        return bound;
    }

    private static double Lower((double Lower, double At, double Upper) a, (double Lower, double At, double Upper) b)
    {
        // Of logarithms of 0: the limits of the same formula.
        if (double.IsNegativeInfinity(a.At)) return double.NegativeInfinity;
        if (double.IsNegativeInfinity(b.At)) return a.At - b.Upper;
        double down = a.At - a.Lower, up = b.Upper - b.At;
        return a.At - b.At - Math.Sqrt(down * down + up * up);
    }

    private (double Lower, double At, double Upper) Scaled(Share share, double z)
    {
        var (lower, upper) = share.At(z);
        return _isRatio ? (Math.Log(lower), Math.Log(share.Value), Math.Log(upper)) : (lower, share.Value, upper);
    }

    /// <summary>The critical value against a gap: that of one pair, or the corrected one where several pairs can be the largest.</summary>
    private double Critical(double gap)
    {
        var largest = new double[_draws.Length];
        Array.Fill(largest, double.NegativeInfinity);
        var first = 0;
        foreach (var family in _families)
        {
            var (at, error) = Nearest(family, gap);
            for (var i = 0; i < family.Length; i++)
            {
                for (var j = 0; j < family.Length; j++)
                {
                    if (i == j) continue;
                    var ofPair = Math.Sqrt(error[i] * error[i] + error[j] * error[j]);
                    var shift = (at[i] - at[j] - gap) / ofPair;
                    if (shift < -8) continue;
                    double up = error[i] / ofPair, down = error[j] / ofPair;
                    for (var b = 0; b < largest.Length; b++)
                    {
                        var z = shift + up * _draws[b][first + i] - down * _draws[b][first + j];
                        if (z > largest[b]) largest[b] = z;
                    }
                }
            }

            first += family.Length;
        }

        Array.Sort(largest);
        return Math.Max(_z, Quantiles.OfSorted(largest, _level));
    }

    /// <summary>The values within a gap of each other that are nearest to those observed, and their standard errors.</summary>
    private (double[] At, double[] Error) Nearest(Share[] family, double gap)
    {
        var at = new double[family.Length];
        var weights = new double[family.Length];
        for (var i = 0; i < at.Length; i++)
        {
            var shrunk = Share.Shrunk(family[i].Value, family[i].Rows);
            at[i] = _isRatio ? Math.Log(shrunk) : family[i].Value;
            weights[i] = 1 / Variance(shrunk, family[i].Rows);
        }

        double low = at.Min(), high = at.Max() - gap;
        if (high > low)
        {
            // Where the window lies: what exceeds it above outweighs what exceeds it below, or not.
            for (var step = 0; step < 50; step++)
            {
                var middle = low + (high - low) / 2;
                var pull = 0.0;
                for (var i = 0; i < at.Length; i++)
                    pull += weights[i] * (Math.Max(0, at[i] - middle - gap) - Math.Max(0, middle - at[i]));
                if (pull > 0) low = middle;
                else high = middle;
            }

            for (var i = 0; i < at.Length; i++) at[i] = Math.Clamp(at[i], low, low + gap);
        }

        var errors = new double[at.Length];
        for (var i = 0; i < at.Length; i++)
        {
            var value = _isRatio ? Math.Min(1, Math.Exp(at[i])) : at[i];
            errors[i] = Math.Sqrt(Variance(Share.Shrunk(value, family[i].Rows), family[i].Rows));
        }

        return (at, errors);
    }

    private double Variance(double share, double rows) => _isRatio ? (1 - share) / (share * rows) : share * (1 - share) / rows;

    private double[][] Draws(int count)
    {
        var random = SeededRandom.For(Seed, 0);
        var draws = new double[count][];
        for (var b = 0; b < count; b++)
        {
            draws[b] = new double[_families.Sum(family => family.Length)];
            for (var i = 0; i < draws[b].Length; i++) draws[b][i] = Distribution.NormalQuantile(random.NextDouble() + Math.ScaleB(1, -54));
        }

        return draws;
    }
}
