using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Limits by how much the candidate may be worse where labels are known: the share of wrong decisions, or the mean absolute error.
/// </summary>
internal sealed class PerformanceGuard(double atMostWorse, double? largestError) : IRolloutGuard
{
    public string Name => "performance";

    public RolloutNeeds Needs { get; } = new() { Labels = true, LargestError = largestError };

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level) => context.Task == TaskKind.Regression
        ? JudgeErrors(context, step.Candidate, step.Live, level)
        : JudgeDecisions(context, step.Candidate, step.Live, level);

    // What is not bounded has no interval that holds whatever the errors are: a rare one that nobody met yet may be as large as it likes.
    private GuardFinding JudgeErrors(RolloutContext context, ArmEvidence candidate, ArmEvidence live, double level)
    {
        var largest = Math.Max(candidate.LargestError, live.LargestError);
        if (!double.IsFinite(largest))
        {
            throw new MlOpsException(
                $"The packages of versions {context.LiveVersion} and {context.CandidateVersion} of '{context.Model}' have no mean " +
                    "absolute error above 0, so it is not known how large an error can be.",
                "Declare it: RolloutGuards.Performance(atMostWorse, largestError: …).");
        }
        if (atMostWorse >= largest)
        {
            throw new MlOpsException(
                FormattableString.Invariant(
                    $"The guard '{Name}' allows {atMostWorse:G4} more, and an error counts at most as {largest:G4}."),
                "Set a smaller limit, or a larger error: RolloutGuards.Performance(atMostWorse, largestError: …).");
        }
        var each = Judgement.LevelOfEach(level, 2);
        return Judgement.Judge(
            Name,
            candidate.MeanAbsoluteError - live.MeanAbsoluteError,
            Judgement.Difference(IntervalOf(candidate), IntervalOf(live), level),
            atMostWorse,
            Judgement.Lacks(candidate.Errors, live.Errors, "labels") ?? FormattableString.Invariant(
                $"the mean absolute error is {candidate.MeanAbsoluteError:G4} over {candidate.Errors:N0} labels, compared with ") +
                FormattableString.Invariant($"{live.MeanAbsoluteError:G4} over {live.Errors:N0} on the live version, ") +
                FormattableString.Invariant($"where an error counts at most as {largest:G4}"),
            FormattableString.Invariant($"{atMostWorse:G4} more"));

        ConfidenceInterval IntervalOf(ArmEvidence arm) => ConfidenceSequences.OfBoundedMean(
            arm.MeanAbsoluteError, arm.AbsoluteErrorVariance, arm.Errors, least: 0, largest, each);
    }

    private GuardFinding JudgeDecisions(RolloutContext context, ArmEvidence candidate, ArmEvidence live, double level)
    {
        if (largestError is not null)
        {
            throw new MlOpsException(
                $"The guard '{Name}' has a largest error, and '{context.Model}' decides for classes, which are right or wrong.",
                "Use largestError for regression only.");
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
