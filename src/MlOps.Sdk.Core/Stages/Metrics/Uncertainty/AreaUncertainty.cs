using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of the ROC area of two classes: DeLong's variance, which counts all rows alike.</summary>
internal sealed class AreaUncertainty : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (evaluation.Task != TaskKind.BinaryClassification) return null;
        var labels = evaluation.Labels.Span;
        if (evaluation.HasUnequalWeights)
        {
            var area = ClassificationMetrics.RocAuc(labels, evaluation.Scores.Span);
            return area is 0 or 1
                ? OfPerfectRanks(area, Math.Min(EffectiveSize(evaluation, 1), EffectiveSize(evaluation, 0)), plan.Level)
                : null;
        }

        var estimate = DeLong.Auc(labels, evaluation.Scores.Span, plan.Level);
        var positives = labels.Count(1.0);
        if (estimate.Auc is 0 or 1) return OfPerfectRanks(estimate.Auc, Math.Min(positives, evaluation.RowCount - positives), plan.Level);
        return estimate.Interval;
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (champion.Task != TaskKind.BinaryClassification || champion.HasUnequalWeights) return null;
        return new MethodComparison(
            "DeLong", DeLong.Compare(champion.Labels.Span, champion.Scores.Span, challenger.Scores.Span, plan.Level));
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
