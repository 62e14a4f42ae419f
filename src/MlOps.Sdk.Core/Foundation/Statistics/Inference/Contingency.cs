namespace MlOps.Sdk.Statistics;

/// <summary>Tests on counts; each equals its namesake in SciPy or statsmodels. Thread-safe.</summary>
public static class Contingency
{
    /// <summary>
    /// Pearson's χ² test of independence. The effect is Cramér's V, without continuity correction. Rows and columns without
    /// any count are left out; with a single row or column left, nothing can depend: statistic 0, p 1.
    /// </summary>
    /// <param name="table">The counts, rows × columns; not negative.</param>
    /// <param name="yates">Whether a 2×2 table is corrected for continuity (Yates). Default: yes.</param>
    /// <exception cref="ArgumentException">A count is negative, or all are zero.</exception>
    public static TestResult ChiSquare(long[,] table, bool yates = true) =>
        ContingencyTable.From(table).Test("chi-square", yates, likelihood: false);

    /// <summary>
    /// The χ² test of whether two samples have the same distribution over levels. The rarest levels are pooled until every expected
    /// count is at least 5, and the note says so. The effect is Cramér's V. Where that would leave a single level, each level is tested
    /// against the others by Fisher's exact test instead, corrected for their number (Bonferroni); the effect is then Cohen's h of the
    /// level that differs most significantly.
    /// </summary>
    /// <param name="countsA">The first sample's count per level; not negative.</param>
    /// <param name="countsB">The second sample's count per level, in the same order.</param>
    /// <param name="yates">Whether two levels are corrected for continuity (Yates). Default: yes.</param>
    /// <exception cref="ArgumentException">The lengths differ, a count is negative, or a sample has no counts.</exception>
    public static TestResult ChiSquare(ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, bool yates = true) =>
        PooledLevels.Test(countsA, countsB, yates);

    /// <summary>The likelihood-ratio test of independence (G test). The effect is Cramér's V.</summary>
    /// <param name="table">The counts, rows × columns; not negative.</param>
    /// <param name="yates">Whether a 2×2 table is corrected for continuity (Yates). Default: yes.</param>
    /// <exception cref="ArgumentException">A count is negative, or all are zero.</exception>
    public static TestResult GTest(long[,] table, bool yates = true) => ContingencyTable.From(table).Test("G", yates, likelihood: true);

    /// <summary>
    /// The likelihood-ratio test (G test) of two samples over the same levels; the rarest levels are pooled as in
    /// <see cref="ChiSquare(ReadOnlySpan{long}, ReadOnlySpan{long}, bool)"/>.
    /// </summary>
    /// <param name="countsA">The first sample's count per level.</param>
    /// <param name="countsB">The second sample's count per level, in the same order.</param>
    /// <param name="yates">Whether two levels are corrected for continuity (Yates). Default: yes.</param>
    /// <exception cref="ArgumentException">The lengths differ, a count is negative, or a sample has no counts.</exception>
    public static TestResult GTest(ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, bool yates = true) =>
        PooledLevels.Test(countsA, countsB, yates, likelihood: true);

    /// <summary>
    /// Fisher's exact test of a 2×2 table. Statistic and effect are the odds ratio (a·d)/(b·c), infinite when b·c = 0. The two-sided
    /// p-value sums all tables that are at most as probable. A table with an empty row or column has p 1 and no odds ratio.
    /// </summary>
    /// <param name="a">Row 1, column 1.</param>
    /// <param name="b">Row 1, column 2.</param>
    /// <param name="c">Row 2, column 1.</param>
    /// <param name="d">Row 2, column 2.</param>
    /// <param name="alternative">The alternative hypothesis, on the odds ratio. Default: two-sided.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static TestResult FisherExact(long a, long b, long c, long d, Alternative alternative = Alternative.TwoSided) =>
        FisherExactTails.Run(a, b, c, d, alternative);

    /// <summary>The z test of two proportions with the pooled variance. The effect is the difference, first minus second.</summary>
    /// <param name="successesA">Successes in the first sample.</param>
    /// <param name="totalA">The size of the first sample.</param>
    /// <param name="successesB">Successes in the second sample.</param>
    /// <param name="totalB">The size of the second sample.</param>
    /// <param name="alternative">The alternative hypothesis. Default: two-sided.</param>
    /// <returns>The result; p is NaN when no row or every row is a success.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A total is not positive, or successes lie outside 0 to the total.</exception>
    public static TestResult TwoProportions(
        long successesA, long totalA, long successesB, long totalB, Alternative alternative = Alternative.TwoSided)
    {
        Proportion.Require(successesA, totalA, nameof(successesA));
        Proportion.Require(successesB, totalB, nameof(successesB));

        // In whole numbers, so that neither nearly equal proportions nor those near 1 lose digits.
        var difference = (double)((Int128)successesA * totalB - (Int128)successesB * totalA) / totalA / totalB;
        var all = (double)totalA + totalB;
        var successes = ((double)successesA + successesB) / all;
        var failures = ((double)(totalA - successesA) + (totalB - successesB)) / all;
        var error = Math.Sqrt(successes * failures * (1.0 / totalA + 1.0 / totalB));
        var z = difference / error;
        var note = error == 0 ? "Both samples are all successes or all failures." : null;
        return new TestResult(
            "two proportions z", z, Distribution.NormalP(z, alternative), difference, "difference of proportions", totalA, totalB, note);
    }
}
