namespace MlOps.Sdk.Statistics;

/// <summary>Fisher's exact test of a 2×2 table.</summary>
internal static class FisherExactTest
{
    /// <summary>Two tables whose probabilities differ by less than this are equally probable; the rest is rounding.</summary>
    private const double Tie = 1 + 1e-11;

    public static TestResult Run(long a, long b, long c, long d, Alternative alternative)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(a);
        ArgumentOutOfRangeException.ThrowIfNegative(b);
        ArgumentOutOfRangeException.ThrowIfNegative(c);
        ArgumentOutOfRangeException.ThrowIfNegative(d);
        long row1 = a + b, row2 = c + d, column1 = a + c;
        if (row1 == 0 || row2 == 0 || column1 == 0 || b + d == 0)
            return new TestResult("Fisher exact", double.NaN, 1, double.NaN, "odds ratio", row1, row2, "A row or a column is empty.");
        var odds = b > 0 && c > 0 ? (double)a * d / ((double)b * c) : double.PositiveInfinity;
        long lowest = Math.Max(0, column1 - row2), highest = Math.Min(row1, column1);
        var observed = Probability(a, row1, row2, column1);
        var sum = 0.0;
        for (var x = lowest; x <= highest; x++)
        {
            var extreme = alternative switch
            {
                Alternative.Less => x <= a,
                Alternative.Greater => x >= a,
                _ => true,
            };
            if (!extreme) continue;
            var p = Probability(x, row1, row2, column1);
            if (alternative != Alternative.TwoSided || p <= observed * Tie) sum += p;
        }

        return new TestResult("Fisher exact", odds, Math.Min(1, sum), odds, "odds ratio", row1, row2);
    }

    /// <summary>The hypergeometric probability as a ratio of binomial ones (Loader 2000).</summary>
    private static double Probability(long x, long row1, long row2, long column1)
    {
        var p = (double)column1 / (row1 + row2);
        var q = (double)(row1 + row2 - column1) / (row1 + row2);
        return Distribution.Binomial(x, row1, p, q) * Distribution.Binomial(column1 - x, row2, p, q) / Distribution.Binomial(column1, row1 + row2, p, q);
    }
}
