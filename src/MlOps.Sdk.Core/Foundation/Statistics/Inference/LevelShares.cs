namespace MlOps.Sdk.Statistics;

/// <summary>
/// Whether the share of one level differs between two samples, exactly at any count: each level against all others by Fisher's test,
/// corrected for the number of levels (Bonferroni). No level is pooled with another.
/// </summary>
internal static class LevelShares
{
    /// <summary>The expected count from which on Fisher's sum takes long and the normal limit is right to three digits.</summary>
    private const double Large = 1_000;

    /// <summary>Cohen's h, 2 arcsin √p − 2 arcsin √q: a difference of shares on a scale where noise is the same at any share.</summary>
    public static double CohensH(double p, double q) => 2 * Math.Asin(Math.Sqrt(p)) - 2 * Math.Asin(Math.Sqrt(q));

    /// <summary>
    /// The two-sided p-value of two levels: Fisher's, or its normal limit with continuity correction where every expected count is large.
    /// Counts may be scaled down to effective ones.
    /// </summary>
    public static double TwoLevels(double inA, double totalA, double inB, double totalB)
    {
        var share = (inA + inB) / (totalA + totalB);
        if (Math.Min(totalA, totalB) * Math.Min(share, 1 - share) >= Large)
        {
            var difference = Math.Abs(inA / totalA - inB / totalB);
            var continuity = 0.5 * (1 / totalA + 1 / totalB);
            var error = Math.Sqrt(share * (1 - share) * (1 / totalA + 1 / totalB));
            return Math.Min(1, 2 * Distribution.NormalTail(Math.Max(0, difference - continuity) / error));
        }

        var (a, b) = ((long)Math.Round(inA), (long)Math.Round(inB));
        return FisherExactTails.Run(
            a, Math.Max(0, (long)Math.Round(totalA) - a), b, Math.Max(0, (long)Math.Round(totalB) - b), Alternative.TwoSided).PValue;
    }

    /// <returns>The p-value of the level that differs most significantly, after correction; and that level.</returns>
    public static (double PValue, int Level) Strongest(ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, long totalA, long totalB)
    {
        var (best, level, asked) = (double.PositiveInfinity, -1, 0);
        for (var i = 0; i < countsA.Length; i++)
        {
            if (countsA[i] + countsB[i] == 0) continue;
            asked++;
            var p = TwoLevels(countsA[i], totalA, countsB[i], totalB);
            if (p < best) (best, level) = (p, i);
        }

        // Of two levels one says all.
        return (Math.Min(1, best * (asked == 2 ? 1 : asked)), level);
    }
}
