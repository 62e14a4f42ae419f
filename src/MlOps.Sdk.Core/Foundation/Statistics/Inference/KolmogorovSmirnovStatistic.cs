namespace MlOps.Sdk.Statistics;

/// <summary>The two-sample Kolmogorov–Smirnov test.</summary>
internal static class KolmogorovSmirnovStatistic
{
    /// <summary>Up to this size of both samples the p-value is exact.</summary>
    private const int ExactUpTo = 10_000;

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative)
    {
        Samples.Require(a, nameof(a));
        Samples.Require(b, nameof(b));
        var (above, below) = Gaps(Sorting.Sorted(a), Sorting.Sorted(b));
        long n1 = a.Length, n2 = b.Length;

        // Distances are counted in units of 1/(n1 n2): no rounding decides about equality.
        var count = alternative switch
        {
            Alternative.Less => below,
            Alternative.Greater => above,
            _ => Math.Max(above, below),
        };
        var distance = (double)count / ((double)n1 * n2);
        var p = PValue((int)n1, (int)n2, count, distance, alternative);
        return new TestResult(
            "Kolmogorov-Smirnov", distance, Math.Clamp(p, 0, 1), distance, "largest difference of the distribution functions", n1, n2);
    }

    private static (long Above, long Below) Gaps(double[] a, double[] b)
    {
        long above = 0, below = 0;
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var x = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == x) i++;
            while (j < b.Length && b[j] == x) j++;
            var gap = (long)i * b.Length - (long)j * a.Length;
            above = Math.Max(above, gap);
            below = Math.Max(below, -gap);
        }

        return (above, below);
    }

    private static double PValue(int n1, int n2, long count, double distance, Alternative alternative)
    {
        if (count == 0) return 1;
        if (Math.Max(n1, n2) <= ExactUpTo)
        {
            if (n1 == n2) return EqualSizes(n1, (int)(count / n1), alternative);
            if (alternative == Alternative.TwoSided || PathsAreCountable(n1, n2)) return Exact(n1, n2, count, alternative);
        }

        double m = Math.Max(n1, n2), n = Math.Min(n1, n2);
        var effective = m * n / (m + n);
        if (alternative == Alternative.TwoSided) return KolmogorovDistribution.Tail((int)Math.Round(effective), distance);

        // Hodges (1958), equation 5.3.
        var z = Math.Sqrt(effective) * distance;
        return Math.Exp(-2 * z * z - 2 * z * (m + 2 * n) / Math.Sqrt(m * n * (m + n)) / 3);
    }

    /// <summary>
    /// The one-sided exact value is given as long as C(n1 + n2, n1) is a double; then Hodges's approximation takes over, as in SciPy.
    /// </summary>
    private static bool PathsAreCountable(int n1, int n2) =>
        MathNet.Numerics.SpecialFunctions.BinomialLn(n1 + n2, n1) < Math.Log(double.MaxValue);

    /// <summary>Samples of one size: the reflection principle, with a common factor taken out so that nothing cancels.</summary>
    private static double EqualSizes(int n, int h, Alternative alternative)
    {
        var p = 0.0;
        for (var k = alternative == Alternative.TwoSided ? n / h - 1 : 0; k >= 0; k--)
        {
            var ratio = 1.0;
            for (var j = 0; j < h; j++) ratio *= (double)(n - k * h - j) / (n + k * h + j + 1);
            p = ratio * (1 - p);
        }

        return alternative == Alternative.TwoSided ? 2 * p : p;
    }

    /// <summary>
    /// The share of lattice paths from (0, 0) to (n1, n2) that touch the boundary. A path at (i, j) came from (i − 1, j)
    /// with probability i / (i + j): averages of probabilities, so that small values keep their digits.
    /// </summary>
    private static double Exact(int n1, int n2, long count, Alternative alternative)
    {
        if (n1 < n2)
        {
            (n1, n2) = (n2, n1);
            alternative = alternative switch
            {
                Alternative.Less => Alternative.Greater,
                Alternative.Greater => Alternative.Less,
                _ => alternative
            };
        }

        // Outside the boundary the probability is 1: only the cells between a low and a high limit, which rise with i, are computed.
        var low = 0;
        var high = alternative == Alternative.Greater ? n2 : -1;
        var touched = new double[n2 + 1];
        if (alternative != Alternative.Greater) Array.Fill(touched, 1);
        for (var i = 0; i <= n1; i++)
        {
            while (high < n2 && (high + 1L) * n1 - (long)i * n2 < count) high++;
            if (alternative != Alternative.Less)
            {
                while (low <= n2 && (long)i * n2 - (long)low * n1 >= count) touched[low++] = 1;
            }

            for (var j = low; j <= high; j++)
            {
                if (i == 0) touched[j] = j == 0 ? 0 : touched[j - 1];
                else if (j > 0) touched[j] = (i * touched[j] + j * touched[j - 1]) / (i + j);
            }
        }

        return touched[n2];
    }
}
