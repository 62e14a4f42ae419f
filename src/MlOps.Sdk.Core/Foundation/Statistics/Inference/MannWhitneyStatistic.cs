namespace MlOps.Sdk.Statistics;

/// <summary>The Mann–Whitney U test.</summary>
internal static class MannWhitneyStatistic
{
    /// <summary>Up to this size of the smaller sample, and without ties, the p-value is exact.</summary>
    private const int ExactUpTo = 8;

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative)
    {
        Samples.Require(a, nameof(a));
        Samples.Require(b, nameof(b));
        var ranks = Ranks.Of([.. a, .. b], out var tieTerm);
        double n1 = a.Length, n2 = b.Length, n = n1 + n2;
        var rankSum = 0.0;
        for (var i = 0; i < a.Length; i++) rankSum += ranks[i];
        var u1 = rankSum - n1 * (n1 + 1) / 2;
        var u = alternative switch
        {
            Alternative.Greater => u1,
            Alternative.Less => n1 * n2 - u1,
            _ => Math.Max(u1, n1 * n2 - u1),
        };

        double tail;
        string? note = null;
        if (Math.Min(n1, n2) <= ExactUpTo && tieTerm == 0)
        {
            tail = ExactTail(a.Length, b.Length, (long)(n1 * n2 - u));
        }
        else
        {
            var deviation = Math.Sqrt(n1 * n2 / 12 * (n + 1 - tieTerm / (n * (n - 1))));

            // All values equal: nothing speaks against the null hypothesis.
            tail = deviation > 0 ? Distribution.NormalTail((u - n1 * n2 / 2 - 0.5) / deviation) : 1;
            if (deviation == 0) note = "All values are equal.";
        }

        var p = Math.Min(1, alternative == Alternative.TwoSided ? 2 * tail : tail);
        return new TestResult("Mann-Whitney U", u1, p, 2 * u1 / (n1 * n2) - 1, "rank-biserial correlation", a.Length, b.Length, note);
    }

    /// <summary>P(U ≤ k) without ties: the coefficients of the Gaussian binomial, factor by factor.</summary>
    private static double ExactTail(int n1, int n2, long k)
    {
        var m = Math.Min(n1, n2);
        var n = Math.Max(n1, n2);
        var counts = new double[k + 1];
        counts[0] = 1;
        for (var i = 1; i <= m; i++)
        {
            for (var j = k; j >= n + i; j--) counts[j] -= counts[j - n - i];
            for (long j = i; j <= k; j++) counts[j] += counts[j - i];
        }

        var sum = 0.0;
        foreach (var count in counts) sum += count;
        for (var i = 1; i <= m; i++) sum *= (double)i / (n + i); // by C(m + n, m)
        return sum;
    }
}
