namespace MlOps.Sdk.Metrics;

/// <summary>What metrics that are means over rows take the mean of.</summary>
internal static class RowLosses
{
    /// <summary>The weighted mean; NaN without rows.</summary>
    public static double Mean(ReadOnlySpan<double> losses, ReadOnlySpan<double> weights)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < losses.Length; i++)
        {
            sum += weights.At(i) * losses[i];
            total += weights.At(i);
        }

        return sum / total;
    }

    /// <summary>The negative log-likelihood per row of two classes, in nats.</summary>
    public static double[] Log(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        MetricInput.RequireScores(labels.Length, scores, 1);
        MetricInput.RequireProbabilities(scores);
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var p = Clip(scores[i]);
            losses[i] = -Math.Log(MetricInput.Class(labels[i], 2, nameof(labels)) == 1 ? p : 1 - p);
        }

        return losses;
    }

    /// <summary>The negative log-likelihood per row of several classes, in nats.</summary>
    public static double[] Log(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount)
    {
        MetricInput.RequireScores(labels.Length, scores, classCount);
        MetricInput.RequireProbabilities(scores);
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var ofRow = scores.Slice(i * classCount, classCount);
            var sumOfRow = 0.0;
            foreach (var score in ofRow) sumOfRow += Clip(score);
            losses[i] = -Math.Log(Clip(ofRow[MetricInput.Class(labels[i], classCount, nameof(labels))]) / sumOfRow);
        }

        return losses;
    }

    /// <summary>The squared error of the probability per row.</summary>
    public static double[] Brier(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        MetricInput.RequireScores(labels.Length, scores, 1);
        MetricInput.RequireProbabilities(scores);
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var error = scores[i] - MetricInput.Class(labels[i], 2, nameof(labels));
            losses[i] = error * error;
        }

        return losses;
    }

    /// <summary>The squared errors of the probabilities per row, summed over the classes.</summary>
    public static double[] Brier(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount)
    {
        MetricInput.RequireScores(labels.Length, scores, classCount);
        MetricInput.RequireProbabilities(scores);
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var truth = MetricInput.Class(labels[i], classCount, nameof(labels));
            for (var k = 0; k < classCount; k++)
            {
                var error = scores[i * classCount + k] - (k == truth ? 1 : 0);
                losses[i] += error * error;
            }
        }

        return losses;
    }

    /// <summary>The squared error per row.</summary>
    public static double[] Squared(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var losses = Errors(labels, predictions);
        for (var i = 0; i < losses.Length; i++) losses[i] *= losses[i];
        return losses;
    }

    /// <summary>The size of the error per row.</summary>
    public static double[] Absolute(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions) =>
        Array.ConvertAll(Errors(labels, predictions), Math.Abs);

    /// <summary>The size of the error per row as a share of the label, of which 0 counts as 2⁻⁵².</summary>
    public static double[] Relative(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var losses = Errors(labels, predictions);
        for (var i = 0; i < losses.Length; i++) losses[i] = Math.Abs(losses[i]) / Math.Max(Math.Abs(labels[i]), Math.ScaleB(1, -52));
        return losses;
    }

    private static double[] Errors(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        MetricInput.RequirePaired(labels.Length, predictions.Length, nameof(predictions));
        MetricInput.RequireNumbers(labels, nameof(labels));
        MetricInput.RequireNumbers(predictions, nameof(predictions));
        var errors = new double[labels.Length];
        for (var i = 0; i < errors.Length; i++) errors[i] = predictions[i] - labels[i];
        return errors;
    }

    private static double Clip(double p) => Math.Clamp(p, Math.ScaleB(1, -52), 1 - Math.ScaleB(1, -52));
}
