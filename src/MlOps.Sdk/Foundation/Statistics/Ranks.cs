namespace MlOps.Sdk.Statistics;

/// <summary>Midranks: equal values share the mean of the ranks that they take up.</summary>
internal static class Ranks
{
    /// <summary>The midranks (the smallest value has rank 1) and Σ(t³ − t) over the groups of ties.</summary>
    public static double[] Of(ReadOnlySpan<double> values, out double tieTerm)
    {
        var order = Order(values, out var sorted);
        var ranks = new double[sorted.Length];
        tieTerm = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            double ties = end - start;
            tieTerm += ties * ties * ties - ties;
            var rank = (start + 1 + end) / 2.0;
            for (var i = start; i < end; i++) ranks[order[i]] = rank;
        }

        return ranks;
    }

    /// <summary>The positions of the values in ascending order, and the values in that order.</summary>
    public static int[] Order(ReadOnlySpan<double> values, out double[] sorted)
    {
        sorted = values.ToArray();
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);
        return order;
    }
}
