namespace MlOps.Sdk.Statistics;

/// <summary>Integrals over the difference of two empirical distribution functions.</summary>
internal static class SampleDistance
{
    public static double Integrate(ReadOnlySpan<double> a, ReadOnlySpan<double> b, bool squared)
    {
        Samples.RequireFinite(a, nameof(a));
        Samples.RequireFinite(b, nameof(b));
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
