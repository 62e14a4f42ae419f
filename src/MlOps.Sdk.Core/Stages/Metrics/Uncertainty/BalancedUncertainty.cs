using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Of the mean of the classes' recalls, which are shares of different rows: the distances to Wilson's limits add up in squares, as in
/// Newcombe's interval of a difference (Zou and Donner 2008).
/// </summary>
internal sealed class BalancedUncertainty : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        double mean = 0, down = 0, up = 0;
        var classes = 0;
        for (var k = 0; k < Math.Max(2, evaluation.ClassCount); k++)
        {
            var ofClass = k;
            var labels = evaluation.Labels;
            var found = Outcomes.Share(evaluation, row => labels.Span[row] == ofClass ? evaluation.Decision(row) == ofClass : null);
            if (found is not { } recall) continue;
            var limits = Intervals.Wilson(recall.Value, recall.Rows, plan.Level);
            mean += recall.Value;
            down += (recall.Value - limits.Lower) * (recall.Value - limits.Lower);
            up += (limits.Upper - recall.Value) * (limits.Upper - recall.Value);
            classes++;
        }

        return new ConfidenceInterval((mean - Math.Sqrt(down)) / classes, (mean + Math.Sqrt(up)) / classes, plan.Level);
    }
}
