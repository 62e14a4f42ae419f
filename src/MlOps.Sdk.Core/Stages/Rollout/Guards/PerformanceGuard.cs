using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Limits by how much the candidate may be worse where labels are known: the share of wrong decisions, or the mean absolute error.
/// </summary>
internal sealed class PerformanceGuard(double atMostWorse) : IRolloutGuard
{
    public string Name => "performance";

    public RolloutNeeds Needs { get; } = new() { Labels = true };

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var (candidate, live) = (step.Candidate, step.Live);
        if (context.Task == TaskKind.Regression)
        {
            return Judgement.Judge(
                Name,
                candidate.MeanAbsoluteError - live.MeanAbsoluteError,
                Judgement.DifferenceOfMeans(ErrorOf(candidate), ErrorOf(live), level),
                atMostWorse,
                Judgement.Lacks(candidate.Errors, live.Errors, "labels") ?? FormattableString.Invariant(
                    $"the mean absolute error is {candidate.MeanAbsoluteError:G4} over {candidate.Errors:N0} labels, compared with ") +
                    FormattableString.Invariant($"{live.MeanAbsoluteError:G4} over {live.Errors:N0} on the live version") +
                    Judgement.Few(candidate.Errors, live.Errors),
                FormattableString.Invariant($"{atMostWorse:G4} more"));
        }
        var each = Judgement.LevelOfEach(level, 2);
        var (wrong, rows) = CountWrong(candidate);
        var (wrongBefore, rowsBefore) = CountWrong(live);
        var (rate, rateBefore) = ((double)wrong / rows, (double)wrongBefore / rowsBefore);
        return Judgement.Judge(
            Name,
            rate - rateBefore,
            Judgement.Difference(
                ConfidenceSequences.OfProportion(wrong, rows, each),
                ConfidenceSequences.OfProportion(wrongBefore, rowsBefore, each),
                level),
            atMostWorse,
            Judgement.Lacks(rows, rowsBefore, "labels") ?? FormattableString.Invariant(
                $"{rate:P1} of {rows:N0} labelled decisions are wrong, ") +
                FormattableString.Invariant($"compared with {rateBefore:P1} of {rowsBefore:N0} on the live version"),
            $"{Judgement.Points(atMostWorse)} more");
    }

    private static ArmMean ErrorOf(ArmEvidence arm) => new(arm.MeanAbsoluteError, arm.AbsoluteErrorVariance, arm.Errors);

    private static (long Wrong, long Rows) CountWrong(ArmEvidence arm)
    {
        var (wrong, rows) = (0L, 0L);
        for (var decision = 0; decision < arm.Labelled.Count; decision++)
        {
            for (var label = 0; label < arm.Labelled[decision].Count; label++)
            {
                rows += arm.Labelled[decision][label];
                if (label != decision) wrong += arm.Labelled[decision][label];
            }
        }

        return (wrong, rows);
    }
}
