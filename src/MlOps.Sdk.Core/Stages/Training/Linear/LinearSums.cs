using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlOps.Sdk.Training;

/// <summary>
/// The sums of a linear model. A coefficient of 0 reads nothing, so that a missing feature does not matter there. Thread-safe.
/// </summary>
internal sealed class LinearSums
{
    /// <summary>Where less than one feature of so many has a coefficient, the others are passed over.</summary>
    private const int Rare = 8;

    private readonly int _features;
    private readonly double[] _coefficients;
    private readonly double[] _intercepts;
    private readonly bool _isParallel;

    /// <summary>Per output the features that have a coefficient, where some have none.</summary>
    private readonly int[][]? _used;

    /// <param name="signature">What is read and written.</param>
    /// <param name="coefficients">Output after output, one number per feature.</param>
    /// <param name="intercepts">One number per output.</param>
    /// <param name="isParallel">
    /// Whether sixteen partial sums are made, which is faster and gives other last bits; the same ones on every processor.
    /// </param>
    public LinearSums(ModelSignature signature, double[] coefficients, double[] intercepts, bool isParallel)
    {
        _features = signature.Features;
        _coefficients = coefficients;
        _intercepts = intercepts;
        _isParallel = isParallel;
        if (coefficients.Contains(0)) _used = [.. Enumerable.Range(0, signature.Outputs).Select(Used)];
    }

    /// <summary>The sum of one output.</summary>
    /// <param name="output">The output.</param>
    /// <param name="features">The dense features, which come first.</param>
    /// <param name="slots">The places of the sparse features that are not 0.</param>
    /// <param name="sparse">Their values.</param>
    public double Sum(int output, ReadOnlySpan<float> features, ReadOnlySpan<int> slots, ReadOnlySpan<float> sparse)
    {
        var coefficients = _coefficients.AsSpan(output * _features, _features);
        var sum = _intercepts[output];
        if (_used is null) return Sparse(Dense(sum, coefficients, features), coefficients, slots, sparse);
        var used = _used[output];
        if ((long)used.Length * Rare >= _features)
        {
            var all = Sparse(Dense(sum, coefficients, features), coefficients, slots, sparse);
            if (!double.IsNaN(all)) return all;
        }

        foreach (var j in used)
        {
            if (j >= features.Length) break;
            sum += coefficients[j] * features[j];
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (coefficients[slots[i]] != 0) sum += coefficients[slots[i]] * sparse[i];
        }

        return sum;
    }

    private double Dense(double sum, ReadOnlySpan<double> coefficients, ReadOnlySpan<float> features)
    {
        var j = 0;
        if (_isParallel && features.Length >= 16)
        {
            ref var c = ref MemoryMarshal.GetReference(coefficients);
            ref var x = ref MemoryMarshal.GetReference(features);
            var (s0, s1, s2, s3) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
            for (; j + 16 <= features.Length; j += 16)
            {
                var low = Vector256.LoadUnsafe(ref x, (nuint)j);
                var high = Vector256.LoadUnsafe(ref x, (nuint)j + 8);
                s0 += Vector256.LoadUnsafe(ref c, (nuint)j) * Vector256.WidenLower(low);
                s1 += Vector256.LoadUnsafe(ref c, (nuint)j + 4) * Vector256.WidenUpper(low);
                s2 += Vector256.LoadUnsafe(ref c, (nuint)j + 8) * Vector256.WidenLower(high);
                s3 += Vector256.LoadUnsafe(ref c, (nuint)j + 12) * Vector256.WidenUpper(high);
            }

            if (j + 8 <= features.Length)
            {
                var low = Vector256.LoadUnsafe(ref x, (nuint)j);
                s0 += Vector256.LoadUnsafe(ref c, (nuint)j) * Vector256.WidenLower(low);
                s1 += Vector256.LoadUnsafe(ref c, (nuint)j + 4) * Vector256.WidenUpper(low);
                j += 8;
            }

            var s = s0 + s1 + (s2 + s3);
            sum += s[0] + s[1] + (s[2] + s[3]);
        }

        for (; j < features.Length; j++) sum += coefficients[j] * features[j];
        return sum;
    }

    private static double Sparse(double sum, ReadOnlySpan<double> coefficients, ReadOnlySpan<int> slots, ReadOnlySpan<float> sparse)
    {
        for (var i = 0; i < slots.Length; i++) sum += coefficients[slots[i]] * sparse[i];
        return sum;
    }

    private int[] Used(int output) => [.. Enumerable.Range(0, _features).Where(j => _coefficients[output * _features + j] != 0)];
}
