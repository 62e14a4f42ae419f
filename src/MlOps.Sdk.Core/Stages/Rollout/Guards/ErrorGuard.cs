using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>Limits by how much more calls of the candidate fail, rows that it refuses among them.</summary>
internal sealed class ErrorGuard(double atMostMore) : IRolloutGuard
{
    public string Name => "errors";

    public RolloutNeeds Needs { get; } = new();

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var (candidate, live) = (step.Candidate, step.Live);
        var each = Judgement.LevelOfEach(level, 2);
        return Judgement.Judge(
            Name,
            Rate(candidate) - Rate(live),
            Judgement.Difference(
                ConfidenceSequences.OfProportion(Bad(candidate), candidate.Calls, each),
                ConfidenceSequences.OfProportion(Bad(live), live.Calls, each),
                level),
            atMostMore,
            Judgement.Lacks(candidate.Calls, live.Calls, "calls") ?? FormattableString.Invariant(
                $"{Rate(candidate):P2} of {candidate.Calls:N0} calls fail, ") +
                FormattableString.Invariant($"compared with {Rate(live):P2} of {live.Calls:N0} on the live version"),
            $"{Judgement.Points(atMostMore)} more");
    }

    private static double Rate(ArmEvidence arm) => arm.Calls == 0 ? double.NaN : (double)Bad(arm) / arm.Calls;

    private static long Bad(ArmEvidence arm) => arm.Failed + arm.Refused;
}
