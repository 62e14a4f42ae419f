using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Limits how much else the candidate predicts on calls that are divided at random: the share of any class, or for regression the mean
/// prediction in standard deviations of the live version's.
/// </summary>
internal sealed class PredictionDriftGuard(double atMost) : IRolloutGuard
{
    public string Name => "prediction drift";

    public RolloutNeeds Needs { get; } = new();

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var (candidate, live) = (step.Candidate, step.Live);
        return context.Classes.Count == 0 ? JudgeMean(candidate, live, level) : JudgeShares(context.Classes, candidate, live, level);
    }

    private GuardFinding JudgeMean(ArmEvidence candidate, ArmEvidence live, double level)
    {
        var unit = Math.Sqrt(live.ScoreVariance);
        var limit = FormattableString.Invariant($"{atMost:G4} standard deviations of the live version either way");
        if (Judgement.Lacks(candidate.Scored, live.Scored, "predictions") is { } lacks) return Unknown(lacks);
        var means = FormattableString.Invariant($"the mean of {candidate.Scored:N0} predictions is {candidate.MeanScore:G4}, ") +
            FormattableString.Invariant($"compared with {live.MeanScore:G4} of {live.Scored:N0} on the live version") +
            Judgement.Few(candidate.Scored, live.Scored);
        if (Math.Min(candidate.Scored, live.Scored) < Judgement.FewestValues) return Unknown(means);

        // A live version that predicts one number has no spread to measure a difference in.
        if (unit == 0)
        {
            return Unknown(FormattableString.Invariant(
                $"the live version predicts {live.MeanScore:G4} on all {live.Scored:N0} calls, ") +
                "so there is no standard deviation to measure in");
        }
        var (ours, theirs) = (ScoresOf(candidate), ScoresOf(live));

        // A small arm may not have met the largest predictions yet, or one too many: the unit lies between its own and that of both.
        var pooled = Math.Sqrt(ArmMean.Pool(ours, theirs));
        var difference = Judgement.DifferenceOfMeans(ours, theirs, level);
        return Judgement.Judge(
            Name,
            Math.Abs(candidate.MeanScore - live.MeanScore) / unit,
            new ConfidenceInterval(
                Distance(difference, Math.Max(unit, pooled), level).Lower,
                Distance(difference, Math.Min(unit, pooled), level).Upper,
                level),
            atMost,
            means + FormattableString.Invariant($", whose standard deviation is {unit:G4}"),
            limit);

        GuardFinding Unknown(string why) =>
            Judgement.Judge(Name, double.NaN, new ConfidenceInterval(0, double.PositiveInfinity, level), atMost, why, limit);
    }

    private GuardFinding JudgeShares(IReadOnlyList<string> classes, ArmEvidence candidate, ArmEvidence live, double level)
    {
        // Of two classes, one tells all.
        var first = classes.Count == 2 ? 1 : 0;
        var each = Judgement.LevelOfEach(level, 2 * (classes.Count - first));
        var (ours, theirs) = (candidate.Decisions.Sum(), live.Decisions.Sum());
        GuardFinding? worst = null;
        for (var i = first; i < classes.Count; i++)
        {
            var (count, before) = (Count(candidate, i), Count(live, i));
            var difference = Judgement.Difference(
                ConfidenceSequences.OfProportion(count, ours, each), ConfidenceSequences.OfProportion(before, theirs, each), level);
            var (share, shareBefore) = ((double)count / ours, (double)before / theirs);
            var finding = Judgement.Judge(
                Name,
                Math.Abs(share - shareBefore),
                Distance(difference, 1, level),
                atMost,
                Judgement.Lacks(ours, theirs, "predictions") ?? FormattableString.Invariant(
                    $"{share:P1} of {ours:N0} predictions are {classes[i]}, compared with ") +
                    FormattableString.Invariant($"{shareBefore:P1} of {theirs:N0} on the live version"),
                $"{Judgement.Points(atMost)} either way");
            if (worst is null || finding.Lower > worst.Lower || (finding.Lower == worst.Lower && finding.Upper > worst.Upper))
            {
                worst = finding;
            }
        }

        return worst!;
    }

    private static ArmMean ScoresOf(ArmEvidence arm) => new(arm.MeanScore, arm.ScoreVariance, arm.Scored);

    private static long Count(ArmEvidence arm, int decision) => decision < arm.Decisions.Count ? arm.Decisions[decision] : 0;

    private static ConfidenceInterval Distance(ConfidenceInterval difference, double unit, double level) => new(
        Math.Max(0, Math.Max(difference.Lower, -difference.Upper)) / unit,
        Math.Max(Math.Abs(difference.Lower), Math.Abs(difference.Upper)) / unit,
        level);
}
