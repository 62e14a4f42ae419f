using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// Feature columns moved to mean 0 and scaled to deviation 1 while they are read. An intercept makes the move free and the penalty is told
/// the scale, so the solution is that of the raw columns, found in coordinates in which solvers do well. Constant columns become 0. Sparse
/// columns are scaled only: moved, they would not be sparse any more.
/// </summary>
internal sealed class CentredColumns
{
    private readonly FeatureMatrix _features;

    /// <summary>Measures the columns.</summary>
    /// <param name="context">The rows.</param>
    /// <param name="sparsePenalty">
    /// The penalty of a coefficient, as a sum of squares of its column: sparse columns are scaled to mean square 1 with it. Most columns
    /// of a text are rare, and their penalty outweighs their rows; scaled by the rows alone, solvers would need several times as many
    /// steps.
    /// <see langword="null"/> not to scale them.
    /// </param>
    /// <param name="cancellationToken">Cancels the measuring.</param>
    public CentredColumns(TrainingContext context, double? sparsePenalty, CancellationToken cancellationToken)
    {
        _features = context.Features;
        Means = new double[Width];
        Scales = new double[Width];
        var weights = context.Weights;
        Parallel.For(
            0,
            DenseWidth,
            new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = cancellationToken },
            slot => Measure(slot, weights.Span));
        if (_features.Sparse is not { } sparse) return;
        MeasureSparse(sparse, weights.Span, sparsePenalty);
        SparseValues = new double[sparse.Values.Length];
        for (var i = 0; i < SparseValues.Length; i++) SparseValues[i] = sparse.Values[i] / Scales[sparse.Slots[i]];
    }

    public int Width => _features.Width;

    public int DenseWidth => _features.DenseWidth;

    public int RowCount => _features.RowCount;

    /// <summary>The sparse columns, with raw values; <see langword="null"/> when there are none.</summary>
    public SparseFeatures? Sparse => _features.Sparse;

    /// <summary>The scaled values of the sparse columns, in the order of the raw ones.</summary>
    public double[] SparseValues { get; } = [];

    public double[] Means { get; }

    /// <summary>Standard deviations; 1 where a column is constant.</summary>
    public double[] Scales { get; }

    /// <summary>Reads rows of the dense columns, column after column.</summary>
    public void Load(int start, int count, Span<double> destination)
    {
        for (var slot = 0; slot < DenseWidth; slot++)
        {
            var from = _features.Column(slot).Slice(start, count);
            var to = destination.Slice(slot * count, count);
            var mean = Means[slot];
            var factor = 1 / Scales[slot];
            for (var i = 0; i < from.Length; i++) to[i] = (from[i] - mean) * factor;
        }
    }

    /// <summary>Adds to the scores of rows what their sparse values contribute.</summary>
    public void AddSparseScores(int start, ReadOnlySpan<double> coefficients, Span<double> scores)
    {
        if (Sparse is null) return;
        var starts = Sparse.Starts;
        var slots = Sparse.Slots;
        for (var row = 0; row < scores.Length; row++)
        {
            var sum = 0.0;
            for (var i = starts[start + row]; i < starts[start + row + 1]; i++) sum += coefficients[slots[i]] * SparseValues[i];
            scores[row] += sum;
        }
    }

    /// <summary>Adds to the gradient what the sparse values of rows contribute.</summary>
    public void AddSparseGradient(int start, ReadOnlySpan<double> residuals, Span<double> gradient)
    {
        if (Sparse is null) return;
        var starts = Sparse.Starts;
        var slots = Sparse.Slots;
        for (var row = 0; row < residuals.Length; row++)
        {
            for (var i = starts[start + row]; i < starts[start + row + 1]; i++) gradient[slots[i]] += residuals[row] * SparseValues[i];
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

    private void MeasureSparse(SparseFeatures sparse, ReadOnlySpan<double> weights, double? sparsePenalty)
    {
        Scales.AsSpan(DenseWidth).Fill(1);
        if (sparsePenalty is not { } penalty) return;
        var squares = new double[Width];
        var total = 0.0;
        for (var row = 0; row < sparse.RowCount; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            total += weight;
            for (var i = sparse.Starts[row]; i < sparse.Starts[row + 1]; i++)
            {
                squares[sparse.Slots[i]] += weight * sparse.Values[i] * sparse.Values[i];
            }
        }

        for (var slot = DenseWidth; slot < Width; slot++)
        {
            if (squares[slot] > 0) Scales[slot] = Math.Sqrt((squares[slot] + penalty) / total);
        }
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
