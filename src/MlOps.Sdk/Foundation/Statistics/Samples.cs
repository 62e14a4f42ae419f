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
    public static double Mean(ReadOnlySpan<double> values) => !values.IsEmpty && IsConstant(values) ? values[0] : TensorPrimitives.Sum(values) / values.Length;

    public static double SquaredDeviations(ReadOnlySpan<double> values, double mean)
    {
        var sum = 0.0;
        foreach (var value in values) sum += (value - mean) * (value - mean);
        return sum;
    }

    public static bool IsConstant(ReadOnlySpan<double> values) => values.IndexOfAnyExcept(values[0]) < 0;
}
