using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// Feature columns moved to mean 0 and scaled to deviation 1 while they are read. An intercept makes the move free and the penalty is told
/// the scale, so the solution is that of the raw columns, found in coordinates in which solvers do well. Constant columns become 0.
/// </summary>
internal sealed class CentredColumns
{
    private readonly FeatureMatrix _features;

    public CentredColumns(TrainingContext context, CancellationToken cancellationToken)
    {
        _features = context.Features;
        Means = new double[Width];
        Scales = new double[Width];
        var weights = context.Weights;
        Parallel.For(
            0,
            Width,
            new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = cancellationToken },
            slot => Measure(slot, weights.Span));
    }

    public int Width => _features.Width;

    public int RowCount => _features.RowCount;

    public double[] Means { get; }

    /// <summary>Standard deviations; 1 where a column is constant.</summary>
    public double[] Scales { get; }

    /// <summary>Reads rows, column after column.</summary>
    public void Load(int start, int count, Span<double> destination)
    {
        for (var slot = 0; slot < Width; slot++)
        {
            var from = _features.Column(slot).Slice(start, count);
            var to = destination.Slice(slot * count, count);
            var mean = Means[slot];
            var factor = 1 / Scales[slot];
            for (var i = 0; i < from.Length; i++) to[i] = (from[i] - mean) * factor;
        }
    }

    /// <summary>
    /// Turns coefficients of the scaled columns into those of the raw ones, in place, and returns what the intercept loses.
    /// </summary>
    public double Restore(Span<double> coefficients)
    {
        var shift = 0.0;
        for (var slot = 0; slot < Width; slot++)
        {
            coefficients[slot] /= Scales[slot];
            shift += coefficients[slot] * Means[slot];
        }

        return shift;
    }

    private void Measure(int slot, ReadOnlySpan<double> weights)
    {
        var column = _features.Column(slot);
        double mean = 0, squares = 0, total = 0;
        for (var i = 0; i < column.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            total += weight;
            var delta = column[i] - mean;
            mean += delta * (weight / total);
            squares += weight * delta * (column[i] - mean);
        }

        var isConstant = !column.ContainsAnyExcept(column[0]);
        Means[slot] = isConstant ? column[0] : mean;
        Scales[slot] = isConstant || squares <= 0 ? 1 : Math.Sqrt(squares / total);
    }
}
