namespace MlOps.Sdk.Statistics;

/// <summary>Bins whose edges come from a reference and are kept with it, so that later windows need counts only. Thread-safe.</summary>
/// <remarks>
/// n edges make n + 1 bins: bin 0 holds values up to and including the first edge, the last bin values above the last edge.
/// </remarks>
public static class BinEdges
{
    /// <summary>
    /// The distinct inner decile edges of a sample (linear interpolation). An edge at the largest value would leave the last bin empty;
    /// it is replaced by the largest value below. A constant sample has its value as the only edge.
    /// </summary>
    /// <param name="reference">The reference sample, without NaN.</param>
    /// <exception cref="ArgumentException">The sample is empty or contains NaN.</exception>
    public static double[] Deciles(ReadOnlySpan<double> reference)
    {
        Samples.Require(reference, nameof(reference));
        var sorted = Sorting.Sorted(reference);
        var edges = new List<double>(9);
        for (var tenth = 1; tenth <= 9; tenth++)
        {
            var edge = Quantiles.OfSorted(sorted, tenth / 10.0);
            if (edge == sorted[^1] && sorted[0] < edge) edge = LargestBelow(sorted, edge);
            if (double.IsNaN(edge)) continue; // between −∞ and +∞
            if (edges.Count == 0 || edge > edges[^1]) edges.Add(edge);
        }

        return edges.Count > 0 ? [.. edges] : [0.0];
    }

    /// <summary>Counts values by bin. NaN is in no bin and not counted.</summary>
    /// <param name="values">The values.</param>
    /// <param name="edges">The inner edges, ascending.</param>
    /// <returns>One count per bin: one more than there are edges.</returns>
    public static long[] Count(ReadOnlySpan<double> values, ReadOnlySpan<double> edges)
    {
        RequireAscending(edges);
        var counts = new long[edges.Length + 1];
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) counts[Find(value, edges)]++;
        }

        return counts;
    }

    internal static void RequireAscending(ReadOnlySpan<double> edges)
    {
        if (!FixedHistogram.Ascending(edges)) throw new ArgumentException("Edges must be ascending numbers.", nameof(edges));
    }

    /// <summary>The bin of a value: how many edges are less than it.</summary>
    internal static int Find(double value, ReadOnlySpan<double> edges)
    {
        int low = 0, high = edges.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (edges[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static double LargestBelow(double[] sorted, double value)
    {
        var i = sorted.Length - 1;
        while (sorted[i] == value) i--;
        return sorted[i];
    }
}
