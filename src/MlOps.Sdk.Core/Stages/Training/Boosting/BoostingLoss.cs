using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>First and second derivatives of the loss by the raw scores: logistic, softmax, or half the squared error.</summary>
internal sealed class BoostingLoss
{
    private const int BlockRows = 8192;
    private const double LeastPrior = 1e-9;

    // Above the smallest number with all digits of single precision, 1e-38, by as many digits.
    private const double LeastSpread = 1e-30;

    private readonly TrainingContext _context;
    private readonly ParallelOptions _options;

    public BoostingLoss(TrainingContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _options = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = cancellationToken };
        RowCount = context.Labels.Length;
        Outputs = context.Task == TaskKind.MulticlassClassification ? context.ClassCount : 1;
        BaseScores = context.Task switch
        {
            TaskKind.Regression => [TrainingInput.MeanLabel(context)],
            TaskKind.BinaryClassification when TrainingInput.ClassWeights(context) is var sums => [Math.Log(sums[1] / sums[0])],
            _ => LogShares(TrainingInput.ClassWeights(context)),
        };
        if (context.Task == TaskKind.Regression) RequireSpread(context.Labels.Span, BaseScores[0]);
        Gradients = new float[RowCount * Outputs];
        Hessians = new float[RowCount * Outputs];
    }

    public int RowCount { get; }

    public int Outputs { get; }

    /// <summary>Whether all rows have the same hessian, so that hessians count rows.</summary>
    public bool HasEqualHessians => _context.Task == TaskKind.Regression && _context.Weights.IsEmpty;

    /// <summary>The scores without any feature: log-odds, log-shares, or the mean.</summary>
    public double[] BaseScores { get; }

    /// <summary>Output after output, a number per row.</summary>
    public float[] Gradients { get; }

    /// <summary>Output after output, a number per row.</summary>
    public float[] Hessians { get; }

    /// <summary>Computes gradients and hessians.</summary>
    /// <param name="scores">The raw scores, output after output.</param>
    public void Compute(double[] scores) => Parallel.For(0, (RowCount + BlockRows - 1) / BlockRows, _options, block =>
    {
        var start = block * BlockRows;
        var end = Math.Min(start + BlockRows, RowCount);
        switch (_context.Task)
        {
            case TaskKind.BinaryClassification: Logistic(scores, start, end); break;
            case TaskKind.MulticlassClassification: Softmax(scores, start, end); break;
            default: Squared(scores, start, end); break;
        }
    });

    private void Logistic(double[] scores, int start, int end)
    {
        var labels = _context.Labels.Span;
        var weights = _context.Weights.Span;
        for (var row = start; row < end; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            var probability = Link.Sigmoid(scores[row]);
            Gradients[row] = (float)(weight * (probability - labels[row]));
            Hessians[row] = (float)(weight * probability * (1 - probability));
        }
    }

    private void Softmax(double[] scores, int start, int end)
    {
        var labels = _context.Labels.Span;
        var weights = _context.Weights.Span;
        var probabilities = new double[Outputs];
        for (var row = start; row < end; row++)
        {
            for (var k = 0; k < Outputs; k++) probabilities[k] = scores[k * RowCount + row];
            Link.Softmax(probabilities);
            var weight = weights.IsEmpty ? 1 : weights[row];
            for (var k = 0; k < Outputs; k++)
            {
                var probability = probabilities[k];
                Gradients[k * RowCount + row] = (float)(weight * (probability - (labels[row] == k ? 1 : 0)));
                Hessians[k * RowCount + row] = (float)(weight * probability * (1 - probability));
            }
        }
    }

    private void Squared(double[] scores, int start, int end)
    {
        var labels = _context.Labels.Span;
        var weights = _context.Weights.Span;
        for (var row = start; row < end; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            Gradients[row] = (float)(weight * (scores[row] - labels[row]));
            Hessians[row] = (float)weight;
        }
    }

    // Gradients are kept in single precision, where the smallest differences are 0.
    private static void RequireSpread(ReadOnlySpan<double> labels, double mean)
    {
        var largest = 0.0;
        foreach (var label in labels) largest = Math.Max(largest, Math.Abs(label - mean));
        if (largest == 0 || largest >= LeastSpread) return;
        throw new MlOpsException(
            FormattableString.Invariant($"The labels lie at most {largest:0.##E+0} from their mean: too close for gradient boosting."),
            "Scale the label, for example to another unit.");
    }

    private static double[] LogShares(double[] sums)
    {
        var total = sums.Sum();
        return Array.ConvertAll(sums, sum => Math.Log(Math.Max(sum / total, LeastPrior)));
    }
}
