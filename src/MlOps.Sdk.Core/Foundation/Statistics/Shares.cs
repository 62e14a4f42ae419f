namespace MlOps.Sdk.Statistics;

/// <summary>Counts as shares of their sum.</summary>
internal static class Shares
{
    public static (double[] Reference, double[] Current) Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, double floor)
    {
        if (!(floor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(floor), floor, "Must lie between 0 and 1.");
        Samples.RequirePaired(reference.Length, current.Length, nameof(current));
        return (Of(reference, floor, nameof(reference)), Of(current, floor, nameof(current)));
    }

    public static double[] Widen(ReadOnlySpan<long> counts)
    {
        var widened = new double[counts.Length];
        for (var i = 0; i < widened.Length; i++) widened[i] = counts[i];
        return widened;
    }

    private static double[] Of(ReadOnlySpan<double> counts, double floor, string name)
    {
        var sum = 0.0;
        foreach (var count in counts)
        {
            if (!(count >= 0) || double.IsInfinity(count))
            {
                throw new ArgumentException("Counts and probabilities must be finite and not negative.", name);
            }
            sum += count;
        }

        if (double.IsInfinity(sum))
        {
            // The sum lies beyond the largest number. A factor of a power of two changes no share.
            var smaller = counts.ToArray();
            for (var i = 0; i < smaller.Length; i++) smaller[i] = Math.ScaleB(smaller[i], -100);
            return Of(smaller, floor, name);
        }

        if (sum == 0) throw new ArgumentException("The counts are all zero.", name);
        var shares = new double[counts.Length];
        for (var i = 0; i < shares.Length; i++) shares[i] = Math.Max(counts[i] / sum, floor);
        return shares;
    }
}
