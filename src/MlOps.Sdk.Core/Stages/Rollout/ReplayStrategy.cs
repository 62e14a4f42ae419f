using System.Globalization;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Rollout;

/// <summary>Lets a candidate go live when it changes few enough of the latest answers.</summary>
internal sealed class ReplayStrategy(int requests, double changedAtMost, double tolerance) : IRolloutStrategy
{
    public string Name => "replay";

    public RolloutNeeds Needs { get; } = new() { Requests = requests };

    public RolloutDecision Decide(RolloutContext context)
    {
        if (context.Replay is not { } comparison)
        {
            return RolloutDecision.KeepBack("it is decided from recorded requests now, and calls are divided no more");
        }
        var changed = comparison.Task == TaskKind.Regression
            ? CountMoved(comparison.LiveScores.Span, comparison.CandidateScores.Span)
            : CountChanged(comparison.LiveDecisions.Span, comparison.CandidateDecisions.Span);
        var share = (double)changed / comparison.Requests;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"it changes {changed} of the latest {comparison.Requests} answers of version {comparison.LiveVersion} ({share:P1}), " +
                $"where at most {changedAtMost:P1} may change");
        return share <= changedAtMost ? RolloutDecision.GoLive(reason) : RolloutDecision.KeepBack(reason);
    }

    private static int CountChanged(ReadOnlySpan<int> live, ReadOnlySpan<int> candidate)
    {
        var changed = 0;
        for (var i = 0; i < live.Length; i++) changed += live[i] == candidate[i] ? 0 : 1;
        return changed;
    }

    // A prediction that is not a number, on either side, counts as changed.
    private int CountMoved(ReadOnlySpan<double> live, ReadOnlySpan<double> candidate)
    {
        var moved = 0;
        for (var i = 0; i < live.Length; i++) moved += Math.Abs(candidate[i] - live[i]) <= tolerance ? 0 : 1;
        return moved;
    }
}
