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

    /// <summary>
    /// The midranks of some of the values, whose order is known: of those at <paramref name="places"/>, where others have
    /// −1, to the place in the result.
    /// </summary>
    public static double[] Of(ReadOnlySpan<double> values, ReadOnlySpan<int> order, ReadOnlySpan<int> places, int count)
    {
        var ranks = new double[count];
        Span<int> ties = new int[count];
        var (before, tied) = (0, 0);
        var last = double.NaN;
        foreach (var i in order)
        {
            if (places[i] < 0) continue;
            if (values[i] != last) End(ties);
            last = values[i];
            ties[tied++] = places[i];
        }

        End(ties);
        return ranks;

        void End(Span<int> group)
        {
            foreach (var place in group[..tied]) ranks[place] = before + (tied + 1) / 2.0;
            before += tied;
            tied = 0;
        }
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
