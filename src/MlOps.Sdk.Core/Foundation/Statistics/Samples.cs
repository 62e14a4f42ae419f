using System.Numerics.Tensors;

namespace MlOps.Sdk.Statistics;

/// <summary>Checks and first moments that every test on samples starts with.</summary>
internal static class Samples
{
    public static void Require(ReadOnlySpan<double> values, string name)
    {
        if (values.IsEmpty) throw new ArgumentException("The sample is empty.", name);
        if (HasNaN(values)) throw new ArgumentException("The sample contains NaN; remove missing values first.", name);
    }

    public static void RequireFinite(ReadOnlySpan<double> values, string name)
    {
        Require(values, name);
        foreach (var value in values)
        {
            if (double.IsInfinity(value)) throw new ArgumentException("The sample contains an infinite value.", name);
        }
    }

    public static void RequirePaired(int first, int second, string name)
    {
        if (first != second) throw new ArgumentException($"Both must have one value per row: {first} against {second}.", name);
    }

    public static void RequireProbability(double level, string name)
    {
        if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(name, level, "Must lie between 0 and 1, both excluded.");
    }

    public static bool HasNaN(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value)) return true;
        }

        return false;
    }

    // The sum of n equal values, divided by n, may differ from the value; the difference would pass for variance.
    public static double Mean(ReadOnlySpan<double> values) =>
        !values.IsEmpty && IsConstant(values) ? values[0] : TensorPrimitives.Sum(values) / values.Length;

    public static double SquaredDeviations(ReadOnlySpan<double> values, double mean)
    {
        var sum = 0.0;
        foreach (var value in values) sum += (value - mean) * (value - mean);
        return sum;
    }

    /// <summary>
    /// Scales samples by one power of two, which changes no digit, when squares of their values would overflow or vanish; else leaves them.
    /// </summary>
    /// <returns>The exponent by which they were scaled.</returns>
    public static int Balance(ref ReadOnlySpan<double> a, ref ReadOnlySpan<double> b)
    {
        const int comfortable = 100;
        var largest = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude(a)), Math.Abs(TensorPrimitives.MaxMagnitude(b)));
        if (largest == 0 || Math.Abs(Math.ILogB(largest)) <= comfortable) return 0;
        var exponent = -Math.ILogB(largest);
        a = Scale(a, exponent);
        b = Scale(b, exponent);
        return exponent;
    }

    /// <summary>As for two samples.</summary>
    public static int Balance(ref ReadOnlySpan<double> values)
    {
        var same = values;
        return Balance(ref values, ref same);
    }

    /// <summary>
    /// The mean as a number and the rest that it cannot hold, and the squared deviations from both: right also where the
    /// spread is a tiny part of the values.
    /// </summary>
    public static (double Mean, double Remainder, double Squares) Spread(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            var gap = value - mean;
            sum += gap;
            squares += gap * gap;
        }

        return (mean, sum / values.Length, Math.Max(0, squares - sum / values.Length * sum));
    }

    private static double[] Scale(ReadOnlySpan<double> values, int exponent)
    {
        var scaled = new double[values.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = Math.ScaleB(values[i], exponent);
        return scaled;
    }

    public static bool IsConstant(ReadOnlySpan<double> values) => values.IndexOfAnyExcept(values[0]) < 0;
}
