using System.Numerics;
using System.Runtime.InteropServices;

namespace MlOps.Sdk.Training;

/// <summary>
/// Vector loops whose order of summation depends on the length alone (a library routine that aligns first would give
/// other bits when memory moves).
/// </summary>
internal static class Vectors
{
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var va = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector<double>>(b[..a.Length]);
        var s0 = Vector<double>.Zero;
        var s1 = Vector<double>.Zero;
        var i = 0;
        for (; i + 1 < va.Length; i += 2)
        {
            s0 += va[i] * vb[i];
            s1 += va[i + 1] * vb[i + 1];
        }

        if (i < va.Length) s0 += va[i] * vb[i];
        var sum = Vector.Sum(s0 + s1);
        for (var j = va.Length * Vector<double>.Count; j < a.Length; j++) sum += a[j] * b[j];
        return sum;
    }

    /// <summary>Adds factor × a to the target.</summary>
    public static void AddScaled(ReadOnlySpan<double> a, double factor, Span<double> target)
    {
        var va = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vt = MemoryMarshal.Cast<double, Vector<double>>(target[..a.Length]);
        for (var i = 0; i < va.Length; i++) vt[i] += va[i] * factor;
        for (var j = va.Length * Vector<double>.Count; j < a.Length; j++) target[j] += a[j] * factor;
    }

    public static double LargestMagnitude(ReadOnlySpan<double> a)
    {
        var largest = 0.0;
        foreach (var value in a) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
