using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Metrics of classifiers on plain numbers; each equals its namesake in scikit-learn where that is defined, and is NaN where it is not
/// (scikit-learn says 0 there). Binary labels are 1 for positive and 0 for negative; classes are 0 to K − 1; the scores of several
/// classes lie row by row. Weights are scikit-learn's <c>sample_weight</c>; whole ones mean as many rows. Thread-safe.
/// </summary>
public static class ClassificationMetrics
{
    /// <summary>
    /// The area under the ROC curve: the probability that a positive row scores higher than a negative one, ties counting half.
    /// </summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="scores">A score per row, higher for positives, on any scale.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN when a class is missing.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is NaN.</exception>
    public static double RocAuc(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default)
    {
        MetricInput.RequireScores(labels.Length, scores, 1);
        weights = MetricInput.Weights(labels.Length, weights);
        var order = Ranks.Order(scores, out var sorted);
        double positives = 0, negatives = 0, sum = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            double positivesHere = 0, negativesHere = 0;
            for (end = start; end < order.Length && sorted[end] == sorted[start]; end++)
            {
                if (MetricInput.Class(labels[order[end]], 2, nameof(labels)) == 1) positivesHere += weights.At(order[end]);
                else negativesHere += weights.At(order[end]);
            }

            sum += positivesHere * (negatives + negativesHere / 2);
            positives += positivesHere;
            negatives += negativesHere;
        }

        // Sums of weights are rounded: a perfect order must not exceed 1.
        return Math.Min(1, sum / (positives * negatives));
    }

    /// <summary>The mean over the classes of the ROC area of each against the rest.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="scores">A score per row and class.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN when a class has no row, or every row.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a label is not a class, or a score is NaN.</exception>
    public static double RocAuc(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount, ReadOnlySpan<double> weights = default) =>
        OneVersusRest(labels, scores, classCount, weights, RocAuc);

    /// <summary>
    /// The average precision Σ(Rₙ − Rₙ₋₁)·Pₙ over the distinct scores: the area under the precision–recall curve without interpolation.
    /// </summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="scores">A score per row, higher for positives, on any scale.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN when there is no positive row.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is NaN.</exception>
    public static double AveragePrecision(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default)
    {
        MetricInput.RequireScores(labels.Length, scores, 1);
        weights = MetricInput.Weights(labels.Length, weights);
        var order = Ranks.Order(scores, out var sorted);
        double found = 0, missed = 0, sum = 0;
        for (int end = order.Length - 1, start; end >= 0; end = start)
        {
            double here = 0;
            for (start = end; start >= 0 && sorted[start] == sorted[end]; start--)
            {
                if (MetricInput.Class(labels[order[start]], 2, nameof(labels)) == 1) here += weights.At(order[start]);
                else missed += weights.At(order[start]);
            }

            found += here;
            sum += here * found / (found + missed);
        }

        return Math.Min(1, sum / found);
    }

    /// <summary>The mean over the classes of the average precision of each against the rest.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="scores">A score per row and class.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN when a class has no row.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a label is not a class, or a score is NaN.</exception>
    public static double AveragePrecision(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount, ReadOnlySpan<double> weights = default) =>
        OneVersusRest(labels, scores, classCount, weights, AveragePrecision);

    /// <summary>The mean negative log-likelihood, in nats. Probabilities are kept 2⁻⁵² away from 0 and 1.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="scores">P(positive) per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>At least 0; NaN without rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is not a probability.</exception>
    public static double LogLoss(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Log(labels, scores), MetricInput.Weights(labels.Length, weights));

    /// <summary>
    /// The mean negative log-likelihood of several classes, in nats. Probabilities are kept 2⁻⁵² away from 0 and 1,
    /// then divided by their sum per row.
    /// </summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="scores">A probability per row and class.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>At least 0; NaN without rows.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a label is not a class, or a score is not a probability.</exception>
    public static double LogLoss(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Log(labels, scores, classCount), MetricInput.Weights(labels.Length, weights));

    /// <summary>The mean squared error of the probabilities.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="scores">P(positive) per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN without rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is not a probability.</exception>
    public static double Brier(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Brier(labels, scores), MetricInput.Weights(labels.Length, weights));

    /// <summary>The mean over rows of the squared errors summed over classes (Brier 1950).</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="scores">A probability per row and class.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 2; NaN without rows.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a label is not a class, or a score is not a probability.</exception>
    public static double Brier(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Brier(labels, scores, classCount), MetricInput.Weights(labels.Length, weights));

    /// <summary>
    /// The expected calibration error: over equal-width bins of the probability, the mean of |share of positives − mean probability|,
    /// weighted by the bins' rows. A bin holds its lower edge; the last one also 1.
    /// </summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="scores">P(positive) per row.</param>
    /// <param name="bins">The number of bins. Default: 10.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <returns>0 to 1; NaN without rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is not a probability.</exception>
    public static double CalibrationError(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int bins = 10, ReadOnlySpan<double> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        MetricInput.RequireScores(labels.Length, scores, 1);
        MetricInput.RequireProbabilities(scores);
        weights = MetricInput.Weights(labels.Length, weights);
        var gaps = new double[bins];
        var total = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var gap = MetricInput.Class(labels[i], 2, nameof(labels)) - scores[i];
            gaps[Math.Min(bins - 1, (int)(scores[i] * bins))] += weights.At(i) * gap;
            total += weights.At(i);
        }

        return gaps.Sum(Math.Abs) / total;
    }

    /// <summary>The share of right decisions; NaN without rows.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Accuracy(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, ReadOnlySpan<double> weights = default)
    {
        MetricInput.RequirePaired(labels.Length, decisions.Length, nameof(decisions));
        MetricInput.RequireNumbers(labels, nameof(labels));
        MetricInput.RequireNumbers(decisions, nameof(decisions));
        weights = MetricInput.Weights(labels.Length, weights);
        double right = 0, wrong = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == decisions[i]) right += weights.At(i);
            else wrong += weights.At(i);
        }

        return right / (right + wrong);
    }

    /// <summary>The mean recall of the classes that occur in the labels.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes. Default: 2.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not a class.</exception>
    public static double BalancedAccuracy(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount = 2, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, classCount, weights).BalancedAccuracy;

    /// <summary>The share of the positive decisions that are right; NaN when nothing was decided positive.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static double Precision(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, weights: weights).Precision(1);

    /// <summary>The mean precision of the classes; a class that was never decided counts as 0.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not a class.</exception>
    public static double MacroPrecision(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, classCount, weights).MacroPrecision;

    /// <summary>The share of the positive rows that were found; NaN when there are none.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static double Recall(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, weights: weights).Recall(1);

    /// <summary>The mean recall of the classes; a class that was decided but does not occur counts as 0.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not a class.</exception>
    public static double MacroRecall(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, classCount, weights).MacroRecall;

    /// <summary>The harmonic mean of precision and recall; NaN when there is no positive row and no positive decision.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static double F1(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, weights: weights).F1(1);

    /// <summary>The mean F1 of the classes that occur.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not a class.</exception>
    public static double MacroF1(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, classCount, weights).MacroF1;

    /// <summary>Matthews's correlation coefficient, −1 to 1; NaN when labels or decisions are all of one class.</summary>
    /// <param name="labels">The class per row.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes. Default: 2.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not a class.</exception>
    public static double Mcc(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount = 2, ReadOnlySpan<double> weights = default) =>
        ConfusionMatrix.From(labels, decisions, classCount, weights).Mcc;

    private delegate double BinaryMetric(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights);

    private static double OneVersusRest(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, int classCount, ReadOnlySpan<double> weights, BinaryMetric metric)
    {
        MetricInput.RequireScores(labels.Length, scores, classCount);
        var ofClass = new double[labels.Length];
        var scoresOfClass = new double[labels.Length];
        var sum = 0.0;
        for (var k = 0; k < classCount; k++)
        {
            for (var i = 0; i < labels.Length; i++)
            {
                ofClass[i] = MetricInput.Class(labels[i], classCount, nameof(labels)) == k ? 1 : 0;
                scoresOfClass[i] = scores[i * classCount + k];
            }

            sum += metric(ofClass, scoresOfClass, weights);
        }

        return sum / classCount;
    }
}
