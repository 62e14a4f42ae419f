namespace MlOps.Sdk.Statistics;

/// <summary>
/// How far apart two distributions are, without a significance. The first group takes counts or probabilities over the same bins
/// (they are divided by their sum); the second takes samples. Thread-safe.
/// </summary>
public static class Distances
{
    /// <summary>The share that an empty bin is given where a logarithm needs one.</summary>
    public const double DefaultFloor = 1e-4;

    /// <summary>The smallest scale that <see cref="NormalizedWasserstein"/> divides by.</summary>
    public const double SmallestScale = 0.001;

    /// <summary>The population stability index Σ(p − q) ln(p/q). Shares below the floor are raised to it and not renormalised.</summary>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <param name="floor">The smallest share. Default: <see cref="DefaultFloor"/>; with 0, an empty bin makes the index infinite.</param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The floor lies outside 0 to 1.</exception>
    public static double Psi(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, double floor = DefaultFloor)
    {
        var (p, q) = Shares.Of(reference, current, floor);
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            if (p[i] != q[i]) sum += (p[i] - q[i]) * Math.Log(p[i] / q[i]);
        }

        return sum;
    }

    /// <inheritdoc cref="Psi(ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public static double Psi(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double floor = DefaultFloor) =>
        Psi(Shares.Widen(reference), Shares.Widen(current), floor);

    /// <summary>
    /// The Kullback–Leibler divergence Σ p ln(p/q) in nats, p = reference. Shares below the floor are raised to it and not renormalised.
    /// </summary>
    /// <remarks>
    /// With a floor of 0 it is SciPy's <c>entropy(p, q)</c>. With another one it differs where shares lie below it, as SciPy divides by the
    /// sum of the raised shares.
    /// </remarks>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <param name="floor">
    /// The smallest share. Default: <see cref="DefaultFloor"/>; with 0, a bin that is empty in the current window only
    /// makes the divergence infinite.
    /// </param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The floor lies outside 0 to 1.</exception>
    public static double KullbackLeibler(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, double floor = DefaultFloor)
    {
        var (p, q) = Shares.Of(reference, current, floor);
        return Divergence(p, q);
    }

    /// <inheritdoc cref="KullbackLeibler(ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public static double KullbackLeibler(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double floor = DefaultFloor) =>
        KullbackLeibler(Shares.Widen(reference), Shares.Widen(current), floor);

    /// <summary>
    /// The Jensen–Shannon distance √((KL(p‖m) + KL(q‖m))/2), m = (p + q)/2: the root of the divergence. In base 2 it lies between 0 and 1.
    /// </summary>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <param name="logBase">The base of the logarithm. Default: 2; <see cref="Math.E"/> gives a maximum of √ln 2.</param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The base is not greater than 1.</exception>
    public static double JensenShannon(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, double logBase = 2)
    {
        if (!(logBase > 1) || double.IsInfinity(logBase))
        {
            throw new ArgumentOutOfRangeException(nameof(logBase), logBase, "Must be greater than 1.");
        }
        var (p, q) = Shares.Of(reference, current, 0);
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            var middle = (p[i] + q[i]) / 2;
            if (middle > 0) sum += middle * Unevenness((p[i] - q[i]) / 2 / middle);
        }

        return Math.Sqrt(sum / 2 / Math.Log(logBase));
    }

    /// <inheritdoc cref="JensenShannon(ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public static double JensenShannon(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double logBase = 2) =>
        JensenShannon(Shares.Widen(reference), Shares.Widen(current), logBase);

    /// <summary>The Hellinger distance √(1 − Σ√(pq)), 0 to 1.</summary>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    public static double Hellinger(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (p, q) = Shares.Of(reference, current, 0);

        // ½ Σ(√p − √q)² is the same number, and exact where the distributions are nearly equal.
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++) sum += Math.Pow(Math.Sqrt(p[i]) - Math.Sqrt(q[i]), 2);
        return Math.Sqrt(sum / 2);
    }

    /// <inheritdoc cref="Hellinger(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static double Hellinger(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        Hellinger(Shares.Widen(reference), Shares.Widen(current));

    /// <summary>The total variation distance ½ Σ|p − q|, 0 to 1.</summary>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    public static double TotalVariation(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (p, q) = Shares.Of(reference, current, 0);
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++) sum += Math.Abs(p[i] - q[i]);
        return sum / 2;
    }

    /// <inheritdoc cref="TotalVariation(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static double TotalVariation(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        TotalVariation(Shares.Widen(reference), Shares.Widen(current));

    /// <summary>The largest difference of a share, max|p − q|, 0 to 1.</summary>
    /// <param name="reference">Counts or probabilities of the reference, not negative.</param>
    /// <param name="current">Counts or probabilities of the current window, over the same bins.</param>
    /// <exception cref="ArgumentException">The lengths differ, a value is negative or NaN, or a sum is zero.</exception>
    public static double LInfinity(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (p, q) = Shares.Of(reference, current, 0);
        var largest = 0.0;
        for (var i = 0; i < p.Length; i++) largest = Math.Max(largest, Math.Abs(p[i] - q[i]));
        return largest;
    }

    /// <inheritdoc cref="LInfinity(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static double LInfinity(ReadOnlySpan<long> reference, ReadOnlySpan<long> current) =>
        LInfinity(Shares.Widen(reference), Shares.Widen(current));

    /// <summary>The Wasserstein-1 (earth mover's) distance ∫|F − G| of two samples, in the unit of the values.</summary>
    /// <param name="a">The first sample, finite.</param>
    /// <param name="b">The second sample, finite; the sizes may differ.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static double Wasserstein(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => SampleDistance.Wasserstein(a, b);

    /// <summary>
    /// The Wasserstein-1 distance divided by the reference's population standard deviation, which counts as
    /// <see cref="SmallestScale"/> at least.
    /// </summary>
    /// <param name="reference">The reference sample, finite.</param>
    /// <param name="current">The current sample, finite.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static double NormalizedWasserstein(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var distance = Wasserstein(reference, current);
        var exponent = Samples.Balance(ref reference);
        var deviation = Math.ScaleB(Math.Sqrt(Samples.Spread(reference).Squares / reference.Length), -exponent);
        return distance / Math.Max(deviation, SmallestScale);
    }

    /// <summary>The energy distance √(2∫(F − G)²) of two samples.</summary>
    /// <param name="a">The first sample, finite.</param>
    /// <param name="b">The second sample, finite; the sizes may differ.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static double Energy(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => SampleDistance.Energy(a, b);

    /// <summary>
    /// (1 + d) ln(1 + d) + (1 − d) ln(1 − d): what a bin with shares m(1 + d) and m(1 − d) adds to both divergences. Never negative; by its
    /// series where the terms cancel.
    /// </summary>
    private static double Unevenness(double d)
    {
        var square = d * d;
        if (square >= 1) return 2 * Math.Log(2);
        if (square >= 0.01) return (1 + d) * Math.Log(1 + d) + (1 - d) * Math.Log(1 - d);

        // Σ d²ᵏ / (k (2k − 1))
        double sum = 0, power = square;
        for (var k = 1; k <= 9; k++, power *= square) sum += power / (k * (2 * k - 1));
        return sum;
    }

    private static double Divergence(double[] p, double[] q)
    {
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            if (p[i] > 0) sum += p[i] * Math.Log(p[i] / q[i]);
        }

        return sum;
    }
}
