using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of the share of a group's rows that is decided positive: Wilson's interval.</summary>
/// <param name="attribute">The attribute's column.</param>
/// <param name="group">The group.</param>
internal sealed class SelectionUncertainty(string attribute, string group) : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (evaluation.Task != TaskKind.BinaryClassification) return null;
        var groups = evaluation.GroupsOf(attribute);
        return Outcomes.Share(evaluation, row => groups[row] == group ? evaluation.Decision(row) == 1 : null) is { } share
            ? Intervals.Wilson(share.Value, share.Rows, plan.Level)
            : null;
    }
}
