namespace MlOps.Sdk.Training;

/// <summary>
/// Gradient and hessian of a row as whole numbers in one 64-bit integer: the gradient in the upper half, the hessian in the lower.
/// One addition sums both, and whole numbers sum to the same bits in any order, so histograms do not depend on the number of threads.
/// </summary>
/// <remarks>
/// The scales follow the sums: over any rows |Σ gradient| stays below 2^31 and Σ hessian below 2^32, rounding included, so the halves
/// never overflow into each other.
/// </remarks>
internal sealed class PackedGradients(int rows)
{
    private const int BlockRows = 8192;

    private readonly long[] _values = GC.AllocateUninitializedArray<long>(rows);

    public long[] Values => _values;

    /// <summary>What a unit of the upper half is worth.</summary>
    public double GradientUnit { get; private set; }

    /// <summary>What a unit of the lower half is worth.</summary>
    public double HessianUnit { get; private set; }

    public static int Gradient(long packed) => (int)(packed >> 32);

    public static uint Hessian(long packed) => (uint)packed;

    /// <summary>Packs the rows of a round.</summary>
    public void Pack(float[] gradients, float[] hessians, int offset, int threads, CancellationToken cancellationToken)
    {
        var blocks = (_values.Length + BlockRows - 1) / BlockRows;
        var sums = new (double Gradient, double Hessian)[blocks];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, blocks, options, block => sums[block] = Sum(gradients, hessians, offset, block));
        double gradientSum = 0, hessianSum = 0;
        foreach (var (gradient, hessian) in sums)
        {
            gradientSum += gradient;
            hessianSum += hessian;
        }

        if (!double.IsFinite(gradientSum) || !double.IsFinite(hessianSum))
        {
            throw new MlOpsException(
                "The labels or weights are too large: their sums overflow.",
                "Scale the label, for example to thousands or by its logarithm.");
        }

        // Each row rounds by at most half a unit; a unit per row is kept back for that, and a little for the sums' own rounding.
        GradientUnit = gradientSum / ((int.MaxValue - (double)_values.Length) * 0.999999);
        HessianUnit = hessianSum / ((uint.MaxValue - (double)_values.Length) * 0.999999);
        Parallel.For(0, blocks, options, block => Pack(gradients, hessians, offset, block));
    }

    private (double Gradient, double Hessian) Sum(float[] gradients, float[] hessians, int offset, int block)
    {
        var start = block * BlockRows;
        var end = Math.Min(start + BlockRows, _values.Length);
        double gradient = 0, hessian = 0;
        for (var row = start; row < end; row++)
        {
            gradient += Math.Abs(gradients[offset + row]);
            hessian += hessians[offset + row];
        }

        return (gradient, hessian);
    }

    private void Pack(float[] gradients, float[] hessians, int offset, int block)
    {
        var start = block * BlockRows;
        var end = Math.Min(start + BlockRows, _values.Length);
        var perGradient = GradientUnit > 0 ? 1 / GradientUnit : 0;
        var perHessian = HessianUnit > 0 ? 1 / HessianUnit : 0;
        for (var row = start; row < end; row++)
        {
            var gradient = (long)Math.Round(gradients[offset + row] * perGradient);
            var hessian = (long)Math.Round(hessians[offset + row] * perHessian);
            _values[row] = (gradient << 32) + hessian;
        }
    }
}
