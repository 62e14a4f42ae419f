using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Sums an evaluation up. What cannot be computed of its scores is left out: a chart is not a reason for a run to fail.</summary>
internal static class EvaluationSummarizer
{
    public const int MostPoints = 200;
    public const int MostClasses = 30;
    private const int CalibrationBins = 10;
    private const int MostResidualBins = 20;
    private const int FewestResidualRows = 20;

    /// <param name="evaluation">Labels and predictions.</param>
    /// <param name="classes">The names of the classes by index; empty for regression.</param>
    /// <param name="attributes">The protected attributes; those of which the evaluation has no groups are left out.</param>
    public static EvaluationSummary Of(Evaluation evaluation, IReadOnlyList<string> classes, IEnumerable<string> attributes)
    {
        var isBinary = evaluation.Task == TaskKind.BinaryClassification;
        var isRegression = evaluation.Task == TaskKind.Regression;
        var isWhole = !evaluation.Scores.Span.ContainsAnyExceptInRange(double.MinValue, double.MaxValue);
        var confusion = isRegression || !isWhole || evaluation.RowCount == 0 ? null : evaluation.Confusion();
        var (roc, precisionRecall) = isBinary && isWhole ? Curves(evaluation) : ([], []);
        return new EvaluationSummary
        {
            Task = evaluation.Task,
            Rows = evaluation.RowCount,
            IsWeighted = evaluation.HasUnequalWeights,
            Threshold = isBinary ? evaluation.Threshold : null,
            Classes = confusion is null ? [] : Rates(confusion, classes),
            Confusion = confusion is null || confusion.ClassCount > MostClasses ? [] : Rows(confusion.Counts),
            Roc = roc,
            PrecisionRecall = precisionRecall,
            Calibration = isRegression || !isWhole ? [] : Calibrate(evaluation),
            Residuals = isRegression && isWhole ? Residuals(evaluation) : [],
            Attributes = isBinary && isWhole
                ? [.. attributes.Distinct().Where(evaluation.Groups.ContainsKey).Select(attribute => Treat(evaluation, attribute))]
                : [],
        };
    }

    private static IReadOnlyList<long>[] Rows(long[,] counts) =>
    [
        .. Enumerable.Range(0, counts.GetLength(0)).Select(
            truth => (IReadOnlyList<long>)[.. Enumerable.Range(0, counts.GetLength(1)).Select(decision => counts[truth, decision])]),
    ];

    private static ClassRates[] Rates(ConfusionMatrix confusion, IReadOnlyList<string> classes) =>
    [
        .. Enumerable.Range(0, confusion.ClassCount)
            .OrderByDescending(confusion.Truths).Take(MostClasses).Order()
            .Select(k => new ClassRates(
                classes[k], confusion.Truths(k), confusion.Decisions(k), confusion.Precision(k), confusion.Recall(k), confusion.F1(k))),
    ];

    /// <summary>Both curves at the distinct scores, from the highest down.</summary>
    private static (CurvePoint[] Roc, CurvePoint[] PrecisionRecall) Curves(Evaluation evaluation)
    {
        var labels = evaluation.Labels.Span;
        var order = Ranks.Order(evaluation.Scores.Span, out var sorted);
        double positives = 0, negatives = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] == 1) positives += evaluation.Weight(row);
            else negatives += evaluation.Weight(row);
        }

        if (!(positives > 0)) return ([], []);
        var roc = new CurveThinning(new CurvePoint(0, 0), new CurvePoint(1, 1), MostPoints, point => (point.X + point.Y) / 2);
        var precisionRecall = new CurveThinning(null, null, MostPoints, point => point.X);
        double truePositives = 0, falsePositives = 0, found = 0;
        for (int end = order.Length - 1, start; end >= 0; end = start)
        {
            for (start = end; start >= 0 && sorted[start] == sorted[end]; start--)
            {
                if (labels[order[start]] == 1) truePositives += evaluation.Weight(order[start]);
                else falsePositives += evaluation.Weight(order[start]);
            }

            // Sums of weights are rounded.
            var recall = Math.Min(1, truePositives / positives);
            roc.Add(new CurvePoint(Math.Min(1, falsePositives / negatives), recall));
            if (recall > found) precisionRecall.Add(new CurvePoint(recall, truePositives / (truePositives + falsePositives)));
            found = recall;
        }

        return (negatives > 0 ? roc.End() : [], precisionRecall.End());
    }

    private static CalibrationBin[] Calibrate(Evaluation evaluation)
    {
        var (truths, scores) = evaluation.Task == TaskKind.BinaryClassification
            ? (evaluation.Labels.ToArray(), evaluation.Scores.ToArray())
            : evaluation.Confidence();
        if (Array.Exists(scores, score => score is < 0 or > 1)) return [];
        var rows = new long[CalibrationBins];
        var sums = new (double Weight, double Score, double Truth)[CalibrationBins];
        var total = 0.0;
        for (var row = 0; row < scores.Length; row++)
        {
            var (bin, weight) = (Math.Min(CalibrationBins - 1, (int)(scores[row] * CalibrationBins)), evaluation.Weight(row));
            rows[bin]++;
            sums[bin].Weight += weight;
            sums[bin].Score += weight * scores[row];
            sums[bin].Truth += weight * truths[row];
            total += weight;
        }

        return
        [
            .. Enumerable.Range(0, CalibrationBins).Where(bin => rows[bin] > 0).Select(bin => new CalibrationBin(
                (double)bin / CalibrationBins,
                (double)(bin + 1) / CalibrationBins,
                rows[bin],
                sums[bin].Weight / total,
                sums[bin].Score / sums[bin].Weight,
                sums[bin].Truth / sums[bin].Weight)),
        ];
    }

    private static ResidualBin[] Residuals(Evaluation evaluation)
    {
        var order = Ranks.Order(evaluation.Scores.Span, out var predictions);
        var bins = Math.Min(MostResidualBins, order.Length / FewestResidualRows);
        var total = Enumerable.Range(0, order.Length).Sum(evaluation.Weight);
        var result = new ResidualBin[bins];
        for (var bin = 0; bin < bins; bin++)
        {
            var (start, end) = ((int)((long)order.Length * bin / bins), (int)((long)order.Length * (bin + 1) / bins));
            var residuals = new double[end - start];
            double weights = 0, predicted = 0, mean = 0, squares = 0;
            for (var i = start; i < end; i++)
            {
                var (residual, weight) = (evaluation.Labels.Span[order[i]] - predictions[i], evaluation.Weight(order[i]));
                residuals[i - start] = residual;
                weights += weight;
                predicted += weight * predictions[i];
                mean += weight * residual;
                squares += weight * residual * residual;
            }

            Array.Sort(residuals);
            result[bin] = new ResidualBin(
                residuals.Length,
                weights / total,
                predicted / weights,
                mean / weights,
                Math.Sqrt(squares / weights),
                Quantile(residuals, 0.1),
                Quantile(residuals, 0.9));
        }

        return result;
    }

    private static double Quantile(double[] sorted, double level)
    {
        var place = level * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    private static AttributeRates Treat(Evaluation evaluation, string attribute)
    {
        var groups = FairnessMetrics.ByGroup(
            evaluation.Labels.Span, evaluation.Decisions(), evaluation.GroupsOf(attribute), evaluation.Weights.Span);
        GroupRates[] shown =
        [
            .. groups.Where(group => group.Count >= Fairness.DefaultMinimumGroupSize)
                .OrderByDescending(group => group.Count).Take(MostClasses)
                .OrderBy(group => group.Group, StringComparer.Ordinal),
        ];
        return new AttributeRates(attribute, shown, groups.Count - shown.Length, evaluation.RowCount - shown.Sum(group => group.Count));
    }
}
