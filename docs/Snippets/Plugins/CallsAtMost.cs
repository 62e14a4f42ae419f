// begin-snippet: custom-rollout
using MlOps.Sdk.Rollout;

namespace Acme;

/// <summary>Lets a version go live only when the call centre can serve the customers it would have called.</summary>
public sealed class CallsAtMost(int calls) : IRolloutStrategy
{
    public string Name => "calls at most";

    public RolloutNeeds Needs { get; } = new() { Requests = 1_000 };

    public RolloutDecision Decide(RolloutContext context)
    {
        var comparison = context.Replay!;
        var leaves = comparison.Classes.ToList().IndexOf("Yes");
        var decisions = comparison.CandidateDecisions.Span;
        var called = decisions.Count(leaves);
        var reason =
            $"version {context.CandidateVersion} would call {called} of {comparison.Requests} customers, where {calls} can be called";
        return called <= calls ? RolloutDecision.GoLive(reason) : RolloutDecision.KeepBack(reason);
    }
}
// end-snippet
