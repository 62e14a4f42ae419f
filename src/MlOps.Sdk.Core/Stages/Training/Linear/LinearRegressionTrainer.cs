using MathNet.Numerics.LinearAlgebra;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Ridge regression (Hoerl and Kennard 1970) by the normal equations of centred, scaled columns: minimises Σ w (y − xβ − b)² + l2·‖β‖², the
/// intercept b unpenalised. Without penalty and with dependent columns, the solution of the smallest norm.
/// </summary>
internal sealed class LinearRegressionTrainer : ITrainer
{
    private const int ChunkRows = 512;

    private readonly LinearRegressionOptions _options;

    public LinearRegressionTrainer(LinearRegressionOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public string Name => "linear-regression";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.Regression])
    {
        NeedsScaling = true,
        Sparse = true,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        TrainingInput.Check(this, context);
        return await Task.Run(() => Train(context, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private LinearModel Train(TrainingContext context, CancellationToken cancellationToken)
    {
        var l2 = context.Options(_options).L2;
        // Without a penalty the solution of the smallest norm is requested, in the raw columns.
        var columns = new CentredColumns(context, l2 > 0 ? l2 : null, cancellationToken);
        if (columns.Sparse is not null) return SparseRidge.Train(context, columns, l2, cancellationToken);
        var width = columns.Width;
        var mean = TrainingInput.MeanLabel(context);
        var (gram, moments) = NormalEquations(context, columns, mean, cancellationToken);
        var coefficients = moments.AsSpan().ToArray();
        var factor = gram.AsSpan().ToArray();
        for (var j = 0; j < width; j++) factor[j * width + j] += l2 / (columns.Scales[j] * columns.Scales[j]);
        // A constant column has an empty row: its coefficient is 0 whatever the pivot.
        for (var j = 0; j < width; j++) if (gram[j * width + j] == 0) factor[j * width + j] = 1;
        if (Cholesky.TryFactor(factor, width)) Cholesky.Solve(factor, width, coefficients);
        else coefficients = SmallestNorm(gram, moments, columns.Scales, l2);
        var shift = columns.Restore(coefficients);
        return new LinearModel(new ModelSignature(TaskKind.Regression, width, 1), coefficients, [mean - shift]);
    }

    private static (double[] Gram, double[] Moments) NormalEquations(
        TrainingContext context, CentredColumns columns, double mean, CancellationToken cancellationToken)
    {
        var width = columns.Width;
        var groups = new RowGroups(columns.RowCount, (long)width * width * 8);
        var grams = new double[groups.Count][];
        var moments = new double[groups.Count][];
        groups.ForEach(context.Threads, group =>
        {
            grams[group] = new double[(long)width * width];
            moments[group] = new double[width];
            var (start, end) = groups.Range(group);
            AddRows(context, columns, mean, start, end, grams[group], moments[group], cancellationToken);
        }, cancellationToken);
        for (var group = 1; group < groups.Count; group++)
        {
            Vectors.AddScaled(grams[group], 1, grams[0]);
            Vectors.AddScaled(moments[group], 1, moments[0]);
        }

        return (grams[0], moments[0]);
    }

    private static void AddRows(
        TrainingContext context,
        CentredColumns columns,
        double mean,
        int start,
        int end,
        double[] gram,
        double[] moments,
        CancellationToken cancellationToken)
    {
        var width = columns.Width;
        var values = new double[ChunkRows * width];
        var weighted = new double[ChunkRows];
        var labels = context.Labels.Span;
        var weights = context.Weights.Span;
        for (var from = start; from < end; from += ChunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(ChunkRows, end - from);
            columns.Load(from, count, values);
            for (var j = 0; j < width; j++)
            {
                var column = values.AsSpan(j * count, count);
                for (var i = 0; i < count; i++) weighted[i] = weights.IsEmpty ? column[i] : column[i] * weights[from + i];
                var scaled = weighted.AsSpan(0, count);
                for (var k = 0; k <= j; k++) gram[j * width + k] += Vectors.Dot(scaled, values.AsSpan(k * count, count));
                for (var i = 0; i < count; i++) moments[j] += scaled[i] * (labels[from + i] - mean);
            }
        }
    }

    /// <summary>The solution of the smallest norm in the raw columns, by the eigenvectors of their Gram matrix.</summary>
    private static double[] SmallestNorm(double[] gram, double[] moments, double[] scales, double l2)
    {
        var width = scales.Length;
        var raw = Matrix<double>.Build.Dense(width, width, (i, j) => gram[Math.Max(i, j) * width + Math.Min(i, j)] * scales[i] * scales[j]);
        var target = Vector<double>.Build.Dense(width, j => moments[j] * scales[j]);
        var evd = raw.Evd(Symmetricity.Symmetric);
        var smallest = evd.EigenValues.Enumerate().Max(value => value.Real) * width * 1e-13;
        var projected = evd.EigenVectors.TransposeThisAndMultiply(target);
        var solution = evd.EigenVectors * projected.MapIndexed(
            (i, value) => evd.EigenValues[i].Real > smallest ? value / (evd.EigenValues[i].Real + l2) : 0);
        return [.. solution.Select((value, j) => value * scales[j])];
    }
}
