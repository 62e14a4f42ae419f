using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Confidence intervals of metrics. Thread-safe.</summary>
public static class MetricIntervals
{
    /// <summary>
    /// The metric with its interval: DeLong's on the logit scale for the binary ROC area, Wilson for accuracy and for binary precision and
    /// recall, else the percentile bootstrap over rows. An interval that the metric itself computes is kept. An undefined metric has none.
    /// </summary>
    /// <remarks>
    /// <para>
    /// At a binary ROC area of 0 or 1, DeLong's variance is 0, however few the rows. There the bound is that of Clopper and Pearson (1934)
    /// for m successes in m trials, (α/2)^(1/m), where m is the number of rows of the smaller class: m pairs of a positive and a negative
    /// row that share no row are independent, and each is ranked right with a probability of at most the area. At 95 % and m = 100 the
    /// lower bound of an area of 1 is 0.964.
    /// </para>
    /// <para>
    /// Where some rows count more than others, the bootstrap takes the place of DeLong; each drawn row keeps its weight. Wilson's interval,
    /// and the bound of an area of 0 or 1, are then those of the effective number of rows: that of the variance of the weighted share (Korn
    /// and Graubard 1998), or (Σw)²/Σw² (Kish 1965) where all rows agree. Equal weights change nothing.
    /// </para>
    /// </remarks>
    /// <param name="metric">The metric.</param>
    /// <param name="evaluation">Labels and predictions.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <param name="resamples">The number of bootstrap resamples. Default: 500.</param>
    /// <param name="seed">The seed of the bootstrap. Default: 0.</param>
    /// <exception cref="MlOpsException">There are weights, but not one per row.</exception>
    public static MetricValue Compute(IMetric metric, Evaluation evaluation, double level = 0.95, int resamples = 500, int seed = 0)
    {
        Samples.RequireProbability(level, nameof(level));
        evaluation.RequireWeightPerRow();
        var value = metric.Compute(evaluation);
        if (!value.IsDefined || value.HasInterval) return value;
        var interval = ClosedForm(metric, evaluation, level) ?? Bootstrap(metric, evaluation, level, resamples, seed);
        return value with { Lower = interval.Lower, Upper = interval.Upper };
    }

    /// <summary>The evaluation without groups that the metric does not read: text is dear to resample.</summary>
    internal static Evaluation Needed(IMetric metric, Evaluation evaluation) =>
        metric.Needs.HasFlag(MetricNeeds.Groups) || evaluation.Groups.Count == 0
            ? evaluation
            : new Evaluation
            {
                Task = evaluation.Task, Labels = evaluation.Labels, Scores = evaluation.Scores, ClassCount = evaluation.ClassCount,
                Threshold = evaluation.Threshold, Weights = evaluation.Weights
            };

    private static ConfidenceInterval Bootstrap(IMetric metric, Evaluation evaluation, double level, int resamples, int seed)
    {
        var needed = Needed(metric, evaluation);
        return Intervals.Bootstrap(needed.RowCount, rows => metric.Compute(needed.Take(rows.Span)).Value, level, resamples, seed);
    }

    private static ConfidenceInterval? ClosedForm(IMetric metric, Evaluation evaluation, double level)
    {
        if (metric is not BuiltInMetric { IntervalMethod: not IntervalMethod.Bootstrap and var method }) return null;
        if (method != IntervalMethod.Accuracy && evaluation.Task != TaskKind.BinaryClassification) return null;
        if (evaluation.HasUnequalWeights) return OfWeights(method, evaluation, level);
        if (method == IntervalMethod.Accuracy)
        {
            var confusion = evaluation.Confusion();
            return Intervals.Wilson(Enumerable.Range(0, confusion.ClassCount).Sum(confusion.Right), confusion.Total, level);
        }

        if (method == IntervalMethod.DeLong)
        {
            var estimate = DeLong.Auc(evaluation.Labels.Span, evaluation.Scores.Span, level);
            var positives = evaluation.Labels.Span.Count(1.0);
            if (estimate.Auc is 0 or 1) return OfPerfectRanks(estimate.Auc, Math.Min(positives, evaluation.RowCount - positives), level);
            return double.IsNaN(estimate.Interval.Lower) ? null : estimate.Interval;
        }

        var matrix = evaluation.Confusion();
        return Intervals.Wilson(matrix.Right(1), method == IntervalMethod.Precision ? matrix.Decisions(1) : matrix.Truths(1), level);
    }

    private static ConfidenceInterval? OfWeights(IntervalMethod method, Evaluation evaluation, double level)
    {
        var labels = evaluation.Labels.Span;
        var weights = evaluation.Weights.Span;
        if (method == IntervalMethod.DeLong)
        {
            var area = ClassificationMetrics.RocAuc(labels, evaluation.Scores.Span);
            return area is 0 or 1
                ? OfPerfectRanks(area, Math.Min(EffectiveSize(evaluation, 1), EffectiveSize(evaluation, 0)), level)
                : null;
        }

        var decisions = evaluation.Decisions();
        var right = new List<double>();
        var ofRows = new List<double>();
        for (var row = 0; row < decisions.Length; row++)
        {
            if (method == IntervalMethod.Precision && decisions[row] != 1) continue;
            if (method == IntervalMethod.Recall && labels[row] != 1) continue;
            right.Add(decisions[row] == labels[row] ? 1 : 0);
            ofRows.Add(weights[row]);
        }

        return WeightedProportion.Wilson([.. right], [.. ofRows], level);
    }

    private static double EffectiveSize(Evaluation evaluation, double label)
    {
        var ofClass = new List<double>();
        for (var row = 0; row < evaluation.RowCount; row++)
        {
            if (evaluation.Labels.Span[row] == label) ofClass.Add(evaluation.Weights.Span[row]);
        }

        return WeightedProportion.EffectiveSize([.. ofClass]);
    }

    private static ConfidenceInterval OfPerfectRanks(double auc, double pairs, double level)
    {
        var bound = Math.Pow((1 - level) / 2, 1 / pairs);
        return auc == 1 ? new ConfidenceInterval(bound, 1, level) : new ConfidenceInterval(0, 1 - bound, level);
    }
}
