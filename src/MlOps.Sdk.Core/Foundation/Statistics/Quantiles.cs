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
}
