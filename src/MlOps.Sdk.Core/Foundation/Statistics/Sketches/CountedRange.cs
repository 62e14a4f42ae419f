namespace MlOps.Sdk.Statistics;

/// <summary>Finite numbers between two of them, counted somewhere else: how many there are, and their moments. Immutable.</summary>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Count">How many.</param>
/// <param name="Origin">A number from which the mean is told.</param>
/// <param name="Offset">The mean less the origin: of numbers far from zero, it has more digits than the mean.</param>
/// <param name="M2">The sum of the squares of the differences from the mean.</param>
/// <param name="M3">The sum of their third powers.</param>
/// <param name="M4">The sum of their fourth powers.</param>
internal readonly record struct CountedRange(
    double Minimum, double Maximum, long Count, double Origin, double Offset, double M2, double M3, double M4)
{
    /// <summary>One value that occurs some times.</summary>
    public static CountedRange Of(double value, long count) => new(value, value, count, value, 0, 0, 0, 0);

    /// <summary>From sums of powers of u, where a value is origin + centre + unit · u.</summary>
    public static CountedRange Of(
        double minimum, double maximum, long count, double origin, double centre, double unit, ReadOnlySpan<double> sums)
    {
        if (minimum == maximum) return Of(minimum, count);
        double n = count, mean = sums[0] / n;
        var m2 = Math.Max(0, sums[1] - n * mean * mean);
        var m3 = sums[2] - 3 * mean * sums[1] + 2 * n * mean * mean * mean;
        var m4 = Math.Max(0, sums[3] - 4 * mean * sums[2] + 6 * mean * mean * sums[1] - 3 * n * mean * mean * mean * mean);
        return new CountedRange(
            minimum, maximum, count, origin, centre + unit * mean,
            unit * unit * m2, unit * unit * unit * m3, unit * unit * unit * unit * m4);
    }
}
