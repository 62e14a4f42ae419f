using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of metrics that are shares of rows: Wilson's interval.</summary>
/// <param name="outcome">
/// Whether a row with a truth and a decision is a success; <see langword="null"/> where it does not count.
/// </param>
/// <param name="ofAnyTask">Whether the metric is such a share for several classes too.</param>
internal sealed class ShareUncertainty(Func<double, int, bool?> outcome, bool ofAnyTask = false) : IUncertainty
{
    /// <summary>Of right decisions among all rows.</summary>
    public static readonly ShareUncertainty Accuracy = new((truth, decision) => truth == decision, ofAnyTask: true);

    /// <summary>Of right decisions among the positive ones.</summary>
    public static readonly ShareUncertainty Precision = new((truth, decision) => decision == 1 ? truth == 1 : null);

    /// <summary>Of right decisions among the positive rows.</summary>
    public static readonly ShareUncertainty Recall = new((truth, decision) => truth == 1 ? decision == 1 : null);

    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (!ofAnyTask && evaluation.Task != TaskKind.BinaryClassification) return null;
        var labels = evaluation.Labels;
        return Outcomes.Share(evaluation, row => outcome(labels.Span[row], evaluation.Decision(row))) is { } share
            ? Intervals.Wilson(share.Value, share.Rows, plan.Level)
            : new ConfidenceInterval(double.NaN, double.NaN, plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (this != Accuracy || champion.HasUnequalWeights) return null;
        var difference = PairedBootstrap.Compare(
            champion.RowCount,
            rows => Metric.Accuracy.Compute(MetricIntervals.Needed(Metric.Accuracy, champion).Take(rows.Span)).Value,
            rows => Metric.Accuracy.Compute(MetricIntervals.Needed(Metric.Accuracy, challenger).Take(rows.Span)).Value,
            plan.Level,
            plan.Resamples,
            plan.Seed);
        return new MethodComparison(
            "McNemar, interval by paired bootstrap", difference with { PValue = McNemar.Test(Right(champion), Right(challenger)).PValue });
    }

    private static bool[] Right(Evaluation evaluation)
    {
        var right = new bool[evaluation.RowCount];
        for (var row = 0; row < right.Length; row++) right[row] = evaluation.Decision(row) == evaluation.Labels.Span[row];
        return right;
    }
}
