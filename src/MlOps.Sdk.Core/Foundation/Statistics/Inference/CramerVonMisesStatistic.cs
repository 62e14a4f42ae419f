using MathNet.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>The two-sample Cramér–von Mises test (Anderson 1962), with midranks for ties.</summary>
internal static class CramerVonMisesStatistic
{
    /// <summary>Up to this size of both samples the p-value is exact.</summary>
    private const int ExactUpTo = 20;

    // From here on the p-value is less than 1e-9, and one minus the distribution function has lost its digits.
    private const double FarOut = 3.85;

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Samples.Require(a, nameof(a));
        Samples.Require(b, nameof(b));
        double n1 = a.Length, n2 = b.Length, product = n1 * n2, n = n1 + n2;
        if (a.Length < 2 || b.Length < 2)
        {
            return new TestResult(
                "Cramér-von Mises", double.NaN, double.NaN, double.NaN, "T", a.Length, b.Length, "Each sample needs at least two values.");
        }
        var (x, y) = (Sorting.Sorted(a), Sorting.Sorted(b));

        // Four times U, in whole numbers: T is the small difference of two large numbers, and sums of millions of squares in doubles
        // would leave half of its digits.
        var fourU = a.Length * RankDistance(x, y) + b.Length * RankDistance(y, x);
        var pairs = (Int128)a.Length * b.Length;
        var t = (double)(6 * fourU - 4 * pairs * (4 * pairs - 1)) / (24 * product * n);
        var p = Math.Max(n1, n2) <= ExactUpTo ? Exact((double)fourU / 4, a.Length, b.Length) : Asymptotic(t, n1, n2);
        return new TestResult("Cramér-von Mises", t, p, t, "T", a.Length, b.Length);
    }

    /// <summary>4 Σ (rank in the pooled sample − rank in the own sample)².</summary>
    private static Int128 RankDistance(double[] own, double[] other)
    {
        Int128 sum = 0;
        int start = 0, below = 0;
        while (start < own.Length)
        {
            var end = start + 1;
            while (end < own.Length && own[end] == own[start]) end++;
            while (below < other.Length && other[below] < own[start]) below++;
            var upTo = below;
            while (upTo < other.Length && other[upTo] == own[start]) upTo++;
            var twiceRank = (long)start + below + 1 + end + upTo;
            for (var i = start; i < end; i++)
            {
                var twiceGap = (ulong)Math.Abs(twiceRank - 2L * (i + 1));
                sum += twiceGap * twiceGap;
            }

            start = end;
        }

        return sum;
    }

    private static double Asymptotic(double t, double n1, double n2)
    {
        double product = n1 * n2, n = n1 + n2;
        var expected = (1 + 1 / n) / 6;
        var variance = (n + 1) * (4 * product * n - 3 * (n1 * n1 + n2 * n2) - 2 * product) / (45 * n * n * 4 * product);
        return Tail(1.0 / 6 + (t - expected) / Math.Sqrt(45 * variance));
    }

    /// <summary>
    /// The limiting distribution (Csörgő and Faraway 1996, equation 1.3), to the precision of the reference: terms from 1e-7.
    /// </summary>
    private static double Tail(double x)
    {
        if (x < 0.003) return 1;
        if (x > FarOut) return FarTail(x);
        var sum = 0.0;
        for (var k = 0; ; k++)
        {
            double y = 4 * k + 1;
            var q = y * y / (16 * x);
            var gammas = Math.Exp(SpecialFunctions.GammaLn(k + 0.5) - SpecialFunctions.GammaLn(k + 1));
            var term = gammas / (Math.Pow(Math.PI, 1.5) * Math.Sqrt(x)) * Math.Sqrt(y) * Math.Exp(-2 * q) * SpecialFunctions.BesselKScaled(
                0.25,
                q);
            sum += term;
            if (Math.Abs(term) < 1e-7) return Math.Max(0, 1 - sum);
        }
    }

    /// <summary>
    /// The first term of the upper tail (Smirnov 1937), (2/π) ∫ exp(−x t²/2) / √(−t sin t) dt over π to 2π; the second is smaller
    /// by exp(−4π² x). With t = π + s² the integrand is smooth and even, and the trapezoidal rule has all digits; what lies beyond
    /// s² = 3 is smaller by exp(−14 x).
    /// </summary>
    private static double FarTail(double x)
    {
        var step = 0.25 / Math.Sqrt(2 * Math.PI * x);
        var sum = 1 / Math.Sqrt(Math.PI);
        for (var s = step; s * s < 3; s += step)
        {
            var square = s * s;
            sum += 2 * Math.Exp(-x * square * (2 * Math.PI + square) / 2) / Math.Sqrt((Math.PI + square) * Math.Sin(square) / square);
        }

        return 2 / Math.PI * step * sum * Math.Exp(-x * Math.PI * Math.PI / 2);
    }

    /// <summary>
    /// The exact p-value (Xiao, Gordon and Yakovlev 2006): over all lattice paths, how many have a sum of squared
    /// distances from the diagonal of at least the observed one. Whole numbers throughout.
    /// </summary>
    private static double Exact(double u, int m, int n)
    {
        var common = (long)m * n / (long)Euclid.GreatestCommonDivisor(m, n);
        long a = common / m, b = common / n, product = (long)m * n;

        // Midranks are halves, so 2u... is whole; the bound is rounded down like the statistic is counted.
        var bound = (long)Math.Floor(
            common * common * (double)(m + n) * (6 * u - product * (4.0 * product - 1)) / (6.0 * product * product));
        var paths = new Dictionary<long, long>[m + 1];
        for (var y = 0; y <= n; y++)
        {
            for (var x = 0; x <= m; x++)
            {
                var here = new Dictionary<long, long>();
                var step = (a * x - b * y) * (a * x - b * y);
                if (x == 0 && y == 0) here[0] = 1;
                if (x > 0) Extend(here, paths[x - 1], step);
                if (y > 0) Extend(here, paths[x], step);
                paths[x] = here;
            }
        }

        long extreme = 0, all = 0;
        foreach (var (value, count) in paths[m])
        {
            all += count;
            if (value >= bound) extreme += count;
        }

        return (double)extreme / all;
    }

    private static void Extend(Dictionary<long, long> to, Dictionary<long, long> from, long step)
    {
        foreach (var (value, count) in from)
        {
            to.TryGetValue(value + step, out var known);
            to[value + step] = known + count;
        }
    }
}
