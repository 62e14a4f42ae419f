// begin-snippet: custom-guard
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Statistics;

namespace Acme;

/// <summary>Limits the share of calls that the candidate decides to refund.</summary>
public sealed class RefundGuard(double atMost) : IRolloutGuard
{
    public string Name => "refunds";

    public RolloutNeeds Needs { get; } = new();

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var refund = context.Classes.ToList().IndexOf("refund");
        var (refunds, decisions) = (step.Candidate.Decisions[refund], step.Candidate.Decisions.Sum());
        var share = ConfidenceSequences.OfProportion(refunds, decisions, level); // holds at every check
        return new GuardFinding(
            Name,
            share.Lower > atMost ? GuardState.Violated : share.Upper <= atMost ? GuardState.Kept : GuardState.Open,
            decisions == 0 ? double.NaN : (double)refunds / decisions,
            share.Lower,
            share.Upper,
            atMost,
            $"{refunds} of {decisions} calls are refunded");
    }
}
// end-snippet
