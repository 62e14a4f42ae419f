namespace MlOps.Sdk.Statistics;

/// <summary>
/// The χ² or G test of two samples over levels, with the rarest levels pooled; exact where pooling would leave a single level.
/// </summary>
internal static class PooledLevels
{
    private const double SmallestExpected = 5;

    public static TestResult Test(ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, bool yates, bool likelihood = false) =>
        Run(countsA, countsB, yates, likelihood).Result;

    /// <returns>The result, and how many levels were left for χ²: one where they were tested exactly.</returns>
    public static (TestResult Result, int Levels) Run(
        ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, bool yates, bool likelihood)
    {
        var name = likelihood ? "G" : "chi-square";
        Samples.RequirePaired(countsA.Length, countsB.Length, nameof(countsB));
        var levels = new List<(long A, long B)>();
        long totalA = 0, totalB = 0;
        for (var i = 0; i < countsA.Length; i++)
        {
            if (countsA[i] < 0) throw new ArgumentException("A count is negative.", nameof(countsA));
            if (countsB[i] < 0) throw new ArgumentException("A count is negative.", nameof(countsB));
            totalA += countsA[i];
            totalB += countsB[i];
            if (countsA[i] + countsB[i] > 0) levels.Add((countsA[i], countsB[i]));
        }

        if (totalA == 0) throw new ArgumentException("The sample has no counts.", nameof(countsA));
        if (totalB == 0) throw new ArgumentException("The sample has no counts.", nameof(countsB));

        var before = levels.Count;
        Pool(levels, (double)Math.Min(totalA, totalB) / (totalA + totalB));
        if (before > 1 && levels.Count == 1) return (Exact(countsA, countsB, totalA, totalB), 1);

        var table = new long[2, levels.Count];
        for (var j = 0; j < levels.Count; j++) (table[0, j], table[1, j]) = levels[j];
        var result = ContingencyTable.From(table).Test(name, yates, likelihood);
        if (levels.Count < before)
        {
            result = result with
            {
                Note = $"The {before - levels.Count + 1} rarest of {before} levels were pooled to reach an expected count of 5."
            };
        }

        return (result, levels.Count);
    }

    private static TestResult Exact(ReadOnlySpan<long> countsA, ReadOnlySpan<long> countsB, long totalA, long totalB)
    {
        var (p, level) = LevelShares.Strongest(countsA, countsB, totalA, totalB);
        var (shareA, shareB) = ((double)countsA[level] / totalA, (double)countsB[level] / totalB);
        return new TestResult(
            "Fisher exact",
            double.NaN,
            p,
            Math.Abs(LevelShares.CohensH(shareA, shareB)),
            "Cohen's h",
            totalA,
            totalB,
            "Too few rows for χ²: each level was tested against the others exactly, corrected for their number.");
    }

    private static void Pool(List<(long A, long B)> levels, double smallerShare)
    {
        // The rarest first; within equal totals the order of the counts decides, never that of the input.
        levels.Sort((x, y) => (x.A + x.B, x.A).CompareTo((y.A + y.B, y.A)));
        while (levels.Count > 1 && (levels[0].A + levels[0].B) * smallerShare < SmallestExpected)
        {
            levels[0] = (levels[0].A + levels[1].A, levels[0].B + levels[1].B);
            levels.RemoveAt(1);
        }
    }
}
