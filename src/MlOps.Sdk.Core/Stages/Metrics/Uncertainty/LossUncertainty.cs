using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Of a mean loss per row: the studentized bootstrap of its logarithm. A sum of losses is skewed, and is low where its spread seems small;
/// the logarithm and the spread of each resample make up for both. A difference of two is not as skewed: Student's t of the rows' influence
/// holds its coverage better there, with few positive rows and heavy tails, too.
/// </summary>
/// <param name="losses">The loss per row.</param>
/// <param name="isRoot">Whether the metric is the root of the mean.</param>
/// <param name="isExplained">Whether the metric is 1 minus the mean as a share of the label's variance.</param>
internal sealed class LossUncertainty(
    Func<Evaluation, double[]> losses, bool isRoot = false, bool isExplained = false) : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        var ofRows = losses(evaluation);
        if (ofRows.Length > 1 && ofRows.All(loss => loss == 0)) return Of(0, 0, plan.Level);
        var statistic = Statistic(evaluation, ofRows, []);
        var log = StudentizedBootstrap.Interval(
            evaluation.RowCount, rows => statistic.Log(rows.Span), plan.Level, plan.Resamples, plan.Seed);
        return Of(Math.Exp(log.Lower), Math.Exp(log.Upper), plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        var statistic = Statistic(champion, losses(champion), losses(challenger));
        int[] rows = [.. Enumerable.Range(0, champion.RowCount)];
        var (difference, error) = isRoot ? statistic.RootDifference(rows) : statistic.Difference(rows);
        if (rows.Length < 2) error = double.NaN;
        var half = rows.Length < 2 ? double.NaN : Distribution.StudentQuantile(0.5 + plan.Level / 2, rows.Length - 1) * error;
        var t = error == 0 && difference == 0 ? 0 : difference / error;
        return new MethodComparison("paired t", new PairedComparison(
            difference,
            error,
            t,
            double.IsNaN(t) ? double.NaN : Distribution.StudentP(t, rows.Length - 1, Alternative.TwoSided),
            new ConfidenceInterval(difference - half, difference + half, plan.Level)));
    }

    private LossStatistic Statistic(Evaluation evaluation, double[] first, double[] second) =>
        new(
            first,
            second,
            isExplained ? evaluation.Labels.ToArray() : [],
            evaluation.HasUnequalWeights ? MetricInput.Weights(evaluation.RowCount, evaluation.Weights.Span).ToArray() : []);

    private ConfidenceInterval Of(double lower, double upper, double level) =>
        isRoot ? new ConfidenceInterval(Math.Sqrt(lower), Math.Sqrt(upper), level)
        : isExplained ? new ConfidenceInterval(1 - upper, 1 - lower, level)
        : new ConfidenceInterval(lower, upper, level);
}
