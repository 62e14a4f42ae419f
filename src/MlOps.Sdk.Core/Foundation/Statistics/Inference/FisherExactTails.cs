namespace MlOps.Sdk.Statistics;

/// <summary>Fisher's exact test of a 2×2 table.</summary>
internal static class FisherExactTails
{
    /// <summary>Two tables whose probabilities differ by less than this are equally probable; the rest is rounding.</summary>
    private const double Tie = 1 + 1e-11;

    /// <summary>The share of a sum from which on the rest of a falling sequence is not seen in it, however many follow.</summary>
    private const double Negligible = 1e-25;

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
        var table = (row1, row2, column1);
        var sum = alternative switch
        {
            Alternative.Less => Sum(table, a, lowest, -1),
            Alternative.Greater => Sum(table, a, highest, 1),
            _ => BothTails(table, a, lowest, highest),
        };
        return new TestResult("Fisher exact", odds, Math.Min(1, sum), odds, "odds ratio", row1, row2);
    }

    /// <summary>
    /// All tables that are at most as probable as the observed one: those beyond it on its side, and on the other side those beyond the
    /// first that is no more probable.
    /// </summary>
    private static double BothTails((long Row1, long Row2, long Column1) table, long observed, long lowest, long highest)
    {
        var mode = (long)(((Int128)table.Column1 + 1) * (table.Row1 + 1) / (table.Row1 + table.Row2 + 2));
        var limit = Probability(observed, table) * Tie;
        if (Probability(mode, table) <= limit) return 1;
        var (end, otherEnd, step) = observed < mode ? (lowest, highest, 1) : (highest, lowest, -1);

        // Away from the mode the probabilities fall: the first within the limit is found by halving.
        long near = mode, far = otherEnd + step;
        while (Math.Abs(far - near) > 1)
        {
            var middle = near + (far - near) / 2;
            if (Probability(middle, table) <= limit) far = middle;
            else near = middle;
        }

        return Sum(table, observed, end, -step) + (far == otherEnd + step ? 0 : Sum(table, far, otherEnd, step));
    }

    /// <summary>
    /// The probabilities from one table to an end. From the mode outwards they fall, ever faster: what is too small to be seen ends the
    /// sum, so that huge tables take no time.
    /// </summary>
    private static double Sum((long Row1, long Row2, long Column1) table, long from, long end, int step)
    {
        var mode = (long)(((Int128)table.Column1 + 1) * (table.Row1 + 1) / (table.Row1 + table.Row2 + 2));
        double sum = 0, p;

        // What lies between here and the mode rises; it is summed downwards from the mode, so that either sum may end early.
        if ((mode - from) * step > 0)
        {
            for (var x = mode; x != from - step; x -= step)
            {
                sum += p = Probability(x, table);
                if (p <= sum * Negligible) break;
            }

            from = mode + step;
        }

        if ((end - from) * step < 0) return sum;
        for (var x = from; x != end + step; x += step)
        {
            sum += p = Probability(x, table);
            if (p <= sum * Negligible) break;
        }

        return sum;
    }

    /// <summary>The hypergeometric probability as a ratio of binomial ones (Loader 2000).</summary>
    private static double Probability(long x, (long Row1, long Row2, long Column1) table)
    {
        var (row1, row2, column1) = table;
        var p = (double)column1 / (row1 + row2);
        var q = (double)(row1 + row2 - column1) / (row1 + row2);
        return Distribution.Binomial(x, row1, p, q) * Distribution.Binomial(column1 - x, row2, p, q) / Distribution.Binomial(
            column1, row1 + row2, p, q);
    }
}
