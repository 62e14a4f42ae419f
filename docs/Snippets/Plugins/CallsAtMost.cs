// begin-snippet: custom-rollout
using MlOps.Sdk.Rollout;

namespace Acme;

/// <summary>Lets a version go live only when the call centre can serve the customers it would have called.</summary>
public sealed class CallsAtMost(int calls) : IRolloutStrategy
{
    public string Name => "calls at most";

    public int Requests => 1_000;

    public RolloutDecision Decide(RolloutComparison comparison)
    {
        var leaves = comparison.Classes.ToList().IndexOf("Yes");
        var decisions = comparison.CandidateDecisions.Span;
        var called = decisions.Count(leaves);
        return new RolloutDecision(
            called <= calls,
            $"version {comparison.CandidateVersion} would call {called} of {comparison.Requests} customers, where {calls} can be called");
    }
}
// end-snippet
