namespace MlOps.Sdk.Statistics;

/// <summary>Integrals over the difference of two empirical distribution functions.</summary>
internal static class SampleDistance
{
    /// <summary>∫|F − G|.</summary>
    public static double Wasserstein(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var exponent = Prepare(ref a, ref b);
        return Math.ScaleB(Integrate(a, b, squared: false), -exponent);
    }

    /// <summary>√(2∫(F − G)²).</summary>
    public static double Energy(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var exponent = Prepare(ref a, ref b);

        // The root halves the exponent; an odd one leaves a factor within.
        var odd = exponent & 1;
        return Math.ScaleB(Math.Sqrt(Math.ScaleB(2 * Integrate(a, b, squared: true), odd)), -(exponent + odd) / 2);
    }

    private static int Prepare(ref ReadOnlySpan<double> a, ref ReadOnlySpan<double> b)
    {
        Samples.RequireFinite(a, nameof(a));
        Samples.RequireFinite(b, nameof(b));
        return Samples.Balance(ref a, ref b);
    }

    private static double Integrate(ReadOnlySpan<double> a, ReadOnlySpan<double> b, bool squared)
    {
        var x = Sorting.Sorted(a);
        var y = Sorting.Sorted(b);
        double sum = 0, at = Math.Min(x[0], y[0]);
        int i = 0, j = 0;
        while (i < x.Length || j < y.Length)
        {
            var next = i == x.Length ? y[j] : j == y.Length ? x[i] : Math.Min(x[i], y[j]);
            var gap = Math.Abs((double)i / x.Length - (double)j / y.Length);
            sum += (squared ? gap * gap : gap) * (next - at);
            at = next;
            while (i < x.Length && x[i] == at) i++;
            while (j < y.Length && y[j] == at) j++;
        }

        return sum;
    }
}
