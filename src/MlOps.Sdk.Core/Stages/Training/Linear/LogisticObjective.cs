using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// The penalised negative log-likelihood: Σ w·loss + ½·l2·‖β‖², the intercepts unpenalised, with gradient and, for two classes, Hessian.
/// Parameters: per output the coefficients of the scaled columns, then the intercept.
/// </summary>
internal sealed class LogisticObjective
{
    private const int ChunkRows = 512;

    private readonly TrainingContext _context;
    private readonly CentredColumns _columns;
    private readonly CancellationToken _cancellationToken;
    private readonly double[] _penalties;
    private readonly int _outputs;

    public LogisticObjective(TrainingContext context, CentredColumns columns, double l2, CancellationToken cancellationToken)
    {
        _context = context;
        _columns = columns;
        _cancellationToken = cancellationToken;
        _outputs = context.Task == TaskKind.BinaryClassification ? 1 : context.ClassCount;
        _penalties = Array.ConvertAll(columns.Scales, scale => l2 / (scale * scale));
        var weights = context.Weights.Span;
        TotalWeight = context.Labels.Length;
        if (weights.IsEmpty) return;
        TotalWeight = 0;
        foreach (var weight in weights) TotalWeight += weight;
    }

    public int Size => _outputs * (_columns.Width + 1);

    public double TotalWeight { get; }

    /// <summary>
    /// Computes the value, the gradient and, where room is given for it, the lower triangle of the Hessian (two classes only).
    /// </summary>
    public double Evaluate(double[] parameters, double[] gradient, double[]? hessian = null)
    {
        var groups = new RowGroups(_columns.RowCount, 8L * (Size + (hessian?.LongLength ?? 0)));
        var losses = new double[groups.Count];
        var gradients = new double[groups.Count][];
        var hessians = new double[groups.Count][];
        groups.ForEach(_context.Threads, group =>
        {
            gradients[group] = new double[Size];
            hessians[group] = hessian is null ? [] : new double[hessian.Length];
            var (start, end) = groups.Range(group);
            losses[group] = AddRows(parameters, start, end, gradients[group], hessians[group]);
        }, _cancellationToken);

        var loss = 0.0;
        gradient.AsSpan().Clear();
        hessian?.AsSpan().Clear();
        for (var group = 0; group < groups.Count; group++)
        {
            loss += losses[group];
            Vectors.AddScaled(gradients[group], 1, gradient);
            if (hessian is not null) Vectors.AddScaled(hessians[group], 1, hessian);
        }

        return loss + AddPenalty(parameters, gradient, hessian);
    }

    private double AddPenalty(double[] parameters, double[] gradient, double[]? hessian)
    {
        var sum = 0.0;
        for (var k = 0; k < _outputs; k++)
        {
            for (var j = 0; j < _columns.Width; j++)
            {
                var at = k * (_columns.Width + 1) + j;
                sum += _penalties[j] * parameters[at] * parameters[at];
                gradient[at] += _penalties[j] * parameters[at];
                if (hessian is not null) hessian[at * Size + at] += _penalties[j];
            }
        }

        return sum / 2;
    }

    private double AddRows(double[] parameters, int start, int end, double[] gradient, double[] hessian)
    {
        var width = _columns.Width;
        var dense = _columns.DenseWidth;
        var values = new double[ChunkRows * dense];
        var scores = new double[ChunkRows * _outputs];
        var curvatures = new double[ChunkRows];
        var loss = 0.0;
        for (var from = start; from < end; from += ChunkRows)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(ChunkRows, end - from);
            _columns.Load(from, count, values);
            for (var k = 0; k < _outputs; k++)
            {
                var scoresOf = scores.AsSpan(k * count, count);
                var parametersOf = parameters.AsSpan(k * (width + 1), width + 1);
                scoresOf.Fill(parametersOf[width]);
                for (var j = 0; j < dense; j++) Vectors.AddScaled(values.AsSpan(j * count, count), parametersOf[j], scoresOf);
                _columns.AddSparseScores(from, parametersOf, scoresOf);
            }

            loss += _outputs == 1 ? BinaryResiduals(from, count, scores, curvatures) : MultinomialResiduals(from, count, scores);
            for (var k = 0; k < _outputs; k++)
            {
                var residuals = scores.AsSpan(k * count, count);
                var gradientOf = gradient.AsSpan(k * (width + 1), width + 1);
                for (var j = 0; j < dense; j++) gradientOf[j] += Vectors.Dot(values.AsSpan(j * count, count), residuals);
                _columns.AddSparseGradient(from, residuals, gradientOf);
                foreach (var residual in residuals) gradientOf[width] += residual;
            }

            if (hessian.Length > 0) AddHessian(values, curvatures.AsSpan(0, count), hessian);
        }

        return loss;
    }

    /// <summary>Replaces scores by residuals (probability − truth), weighted.</summary>
    private double BinaryResiduals(int from, int count, double[] scores, double[] curvatures)
    {
        var labels = _context.Labels.Span.Slice(from, count);
        var weights = _context.Weights.IsEmpty ? default : _context.Weights.Span.Slice(from, count);
        var loss = 0.0;
        for (var i = 0; i < count; i++)
        {
            var score = scores[i];
            var weight = weights.IsEmpty ? 1 : weights[i];
            var small = Math.Exp(-Math.Abs(score));
            var probability = score >= 0 ? 1 / (1 + small) : small / (1 + small);
            loss += weight * (Math.Max(score, 0) + Math.Log(1 + small) - labels[i] * score);
            scores[i] = weight * (probability - labels[i]);
            curvatures[i] = weight * small / ((1 + small) * (1 + small));
        }

        return loss;
    }

    private double MultinomialResiduals(int from, int count, double[] scores)
    {
        var labels = _context.Labels.Span.Slice(from, count);
        var weights = _context.Weights.IsEmpty ? default : _context.Weights.Span.Slice(from, count);
        var loss = 0.0;
        for (var i = 0; i < count; i++)
        {
            var largest = double.NegativeInfinity;
            for (var k = 0; k < _outputs; k++) largest = Math.Max(largest, scores[k * count + i]);
            var truth = (int)labels[i];
            var weight = weights.IsEmpty ? 1 : weights[i];
            var sum = 0.0;
            loss += weight * (largest - scores[truth * count + i]);
            for (var k = 0; k < _outputs; k++) sum += scores[k * count + i] = Math.Exp(scores[k * count + i] - largest);
            loss += weight * Math.Log(sum);
            for (var k = 0; k < _outputs; k++) scores[k * count + i] = weight * (scores[k * count + i] / sum - (k == truth ? 1 : 0));
        }

        return loss;
    }

    private void AddHessian(double[] values, ReadOnlySpan<double> curvatures, double[] hessian)
    {
        var width = _columns.Width;
        var count = curvatures.Length;
        var scaled = new double[count];
        for (var j = 0; j < width; j++)
        {
            var column = values.AsSpan(j * count, count);
            for (var i = 0; i < count; i++) scaled[i] = column[i] * curvatures[i];
            for (var k = 0; k <= j; k++) hessian[j * Size + k] += Vectors.Dot(scaled, values.AsSpan(k * count, count));
            hessian[width * Size + j] += Vectors.Dot(column, curvatures);
        }

        foreach (var curvature in curvatures) hessian[width * Size + width] += curvature;
    }
}
