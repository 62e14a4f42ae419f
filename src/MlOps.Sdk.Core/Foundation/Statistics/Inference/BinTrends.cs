namespace MlOps.Sdk.Statistics;

/// <summary>
/// Whether numbers moved, and whether they spread, from counts in the bins of a reference alone: the tests of Wilcoxon and of Mood on
/// mid-ranks, grouped. Bins cost little power and no validity: a tie is a tie.
/// </summary>
/// <remarks>
/// Mann and Whitney (1947) with the tie correction; Mood (1954), "On the asymptotic efficiency of certain nonparametric two-sample tests".
/// </remarks>
internal static class BinTrends
{
    /// <summary>
    /// How many rows of the smaller sample must be expected outside the fullest bin for the normal distribution of the statistics.
    /// </summary>
    public const int SmallestOutside = 25;

    /// <summary>The mid-rank of each bin among all rows, 0 to 1.</summary>
    public static double[] MidRanks(ReadOnlySpan<long> counts)
    {
        var total = 0.0;
        foreach (var count in counts) total += count;
        var ranks = new double[counts.Length];
        var below = 0.0;
        for (var bin = 0; bin < ranks.Length; bin++)
        {
            ranks[bin] = (below + counts[bin] / 2.0) / total;
            below += counts[bin];
        }

        return ranks;
    }

    /// <summary>The squared distance of each bin's mid-rank from the middle.</summary>
    public static double[] Distances(ReadOnlySpan<double> midRanks)
    {
        var distances = new double[midRanks.Length];
        for (var bin = 0; bin < distances.Length; bin++) distances[bin] = (midRanks[bin] - 0.5) * (midRanks[bin] - 0.5);
        return distances;
    }

    /// <summary>The difference of the mean scores, current minus reference, in standard deviations of the scores of all rows.</summary>
    public static double Difference(ReadOnlySpan<double> scores, ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double n = 0, m = 0, sumN = 0, sumM = 0;
        for (var bin = 0; bin < scores.Length; bin++)
        {
            n += reference[bin];
            m += current[bin];
            sumN += reference[bin] * scores[bin];
            sumM += current[bin] * scores[bin];
        }

        var mean = (sumN + sumM) / (n + m);
        var variance = 0.0;
        for (var bin = 0; bin < scores.Length; bin++)
        {
            variance += (reference[bin] + current[bin]) * (scores[bin] - mean) * (scores[bin] - mean);
        }

        variance /= n + m - 1;
        return variance > 0 ? (sumM / m - sumN / n) / Math.Sqrt(variance) : 0;
    }
}
