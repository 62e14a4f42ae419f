using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Ridge regression on sparse columns, whose Gram matrix would not fit into memory: conjugate gradients on the normal equations
/// (Hestenes and Stiefel 1952), which need products with the columns only. Begun at 0, they end at the solution of the smallest norm
/// where there are several.
/// </summary>
internal sealed class SparseRidge
{
    private const int ChunkRows = 512;
    private const double Tolerance = 1e-12;

    private readonly TrainingContext _context;
    private readonly CentredColumns _columns;
    private readonly CancellationToken _cancellationToken;
    private readonly double[] _penalties;

    private SparseRidge(TrainingContext context, CentredColumns columns, double l2, CancellationToken cancellationToken)
    {
        _context = context;
        _columns = columns;
        _cancellationToken = cancellationToken;
        _penalties = Array.ConvertAll(columns.Scales, scale => l2 / (scale * scale));
    }

    // The intercept, the last parameter, has no penalty.
    private int Size => _columns.Width + 1;

    public static LinearModel Train(TrainingContext context, CentredColumns columns, double l2, CancellationToken cancellationToken)
    {
        var mean = TrainingInput.MeanLabel(context);
        var solver = new SparseRidge(context, columns, l2, cancellationToken);
        var (parameters, isSolved) = solver.Solve(mean);
        if (!isSolved) TrainingLog.NotConverged(context.Logger);
        var coefficients = parameters[..columns.Width];
        var shift = columns.Restore(coefficients);
        return new LinearModel(
            new ModelSignature(TaskKind.Regression, columns.Width, 1), coefficients, [mean + parameters[columns.Width] - shift]);
    }

    private (double[] Parameters, bool IsSolved) Solve(double mean)
    {
        var labels = _context.Labels.Span;
        var targets = new double[labels.Length];
        for (var row = 0; row < targets.Length; row++) targets[row] = labels[row] - mean;
        var residual = Gradient(null, targets);
        var parameters = new double[Size];
        var direction = (double[])residual.Clone();
        var square = Vectors.Dot(residual, residual);
        var goal = square * Tolerance * Tolerance;
        for (var iteration = 0; iteration < 10 * Math.Min(Size, labels.Length + 1); iteration++)
        {
            if (!(square > goal)) return (parameters, true);
            var product = Gradient(direction, null);
            for (var j = 0; j < _columns.Width; j++) product[j] += _penalties[j] * direction[j];
            var curvature = Vectors.Dot(direction, product);
            if (!(curvature > 0)) return (parameters, true);
            var step = square / curvature;
            Vectors.AddScaled(direction, step, parameters);
            Vectors.AddScaled(product, -step, residual);
            var next = Vectors.Dot(residual, residual);
            var factor = next / square;
            for (var j = 0; j < direction.Length; j++) direction[j] = residual[j] + factor * direction[j];
            square = next;
        }

        return (parameters, false);
    }

    /// <summary>Xᵀ W X p, or Xᵀ W y, over groups of rows that are joined in order.</summary>
    private double[] Gradient(double[]? parameters, double[]? targets)
    {
        var groups = new RowGroups(_columns.RowCount, 8L * Size);
        var sums = new double[groups.Count][];
        groups.ForEach(_context.Threads, group =>
        {
            sums[group] = new double[Size];
            var (start, end) = groups.Range(group);
            AddRows(parameters, targets, start, end, sums[group]);
        }, _cancellationToken);
        for (var group = 1; group < groups.Count; group++) Vectors.AddScaled(sums[group], 1, sums[0]);
        return sums[0];
    }

    private void AddRows(double[]? parameters, double[]? targets, int start, int end, double[] sums)
    {
        var (width, dense) = (_columns.Width, _columns.DenseWidth);
        var weights = _context.Weights.Span;
        var values = new double[ChunkRows * dense];
        var chunk = new double[ChunkRows];
        for (var from = start; from < end; from += ChunkRows)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(ChunkRows, end - from);
            var ofRows = chunk.AsSpan(0, count);
            _columns.Load(from, count, values);
            if (targets is not null)
            {
                targets.AsSpan(from, count).CopyTo(ofRows);
            }
            else
            {
                ofRows.Fill(parameters![width]);
                for (var j = 0; j < dense; j++) Vectors.AddScaled(values.AsSpan(j * count, count), parameters[j], ofRows);
                _columns.AddSparseScores(from, parameters, ofRows);
            }

            if (!weights.IsEmpty) for (var i = 0; i < count; i++) ofRows[i] *= weights[from + i];
            for (var j = 0; j < dense; j++) sums[j] += Vectors.Dot(values.AsSpan(j * count, count), ofRows);
            _columns.AddSparseGradient(from, ofRows, sums);
            foreach (var value in ofRows) sums[width] += value;
        }
    }
}
