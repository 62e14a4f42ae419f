namespace MlOps.Sdk.Statistics;

/// <summary>Quantiles of samples by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).</summary>
internal static class Quantiles
{
    public static double OfSorted(ReadOnlySpan<double> sorted, double q)
    {
        var position = q * (sorted.Length - 1);
        var below = (int)position;
        if (below + 1 >= sorted.Length) return sorted[^1];
        var share = position - below;

        // Interpolated from the nearer end, as the reference does: exact at both.
        var (low, high) = (sorted[below], sorted[below + 1]);
        if (low == high || share == 0) return low;
        if (!double.IsFinite(high - low)) return low * (1 - share) + high * share;
        return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
    }

    public static double Median(ReadOnlySpan<double> values)
    {
        var sorted = Sorting.Sorted(values);
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : OfSorted(sorted, 0.5);
    }

    /// <summary>
    /// The value with half of the weight on either side, or the mean of two: whole weights give the median of as many repeated values.
    /// </summary>
    public static double Median(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        var order = Ranks.Order(values, out var sorted);
        double total = 0, below = 0;
        foreach (var i in order) total += weights[i];

        // Sums of weights are rounded: what is half except for that is half.
        var tolerance = total * sorted.Length * Math.ScaleB(1, -53);
        var lower = -1;
        for (var i = 0; i < sorted.Length; i++)
        {
            below += weights[order[i]];
            if (lower < 0 && below >= total / 2 - tolerance) lower = i;
            if (below > total / 2 + tolerance) return OfSorted([sorted[lower], sorted[i]], 0.5);
        }

        return sorted[^1];
    }
}
