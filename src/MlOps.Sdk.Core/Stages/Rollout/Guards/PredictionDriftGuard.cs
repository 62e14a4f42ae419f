using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Limits how much else the candidate predicts on calls that are divided at random: the share of any class, or for regression the share
/// of predictions up to any edge (the distance of Kolmogorov and Smirnov at fixed points).
/// </summary>
internal sealed class PredictionDriftGuard(double atMost) : IRolloutGuard
{
    public string Name => "prediction drift";

    public RolloutNeeds Needs { get; } = new();

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var parts = context.Task == TaskKind.Regression ? UpToEdges(context, step) : OfClasses(context, step);
        var (ours, theirs) = context.Task == TaskKind.Regression
            ? (step.Candidate.ScoreCounts.Sum(), step.Live.ScoreCounts.Sum())
            : (step.Candidate.Decisions.Sum(), step.Live.Decisions.Sum());
        var each = Judgement.LevelOfEach(level, 2 * parts.Length);
        var intervals = Array.ConvertAll(parts, part => Distance(
            Judgement.Difference(
                ConfidenceSequences.OfProportion(part.Ours, ours, each),
                ConfidenceSequences.OfProportion(part.Theirs, theirs, each),
                level)));
        var (what, count, before) = parts.MaxBy(part => Math.Abs(Share(part.Ours, ours) - Share(part.Theirs, theirs)));
        var (share, shareBefore) = (Share(count, ours), Share(before, theirs));

        // All intervals hold together, so that the largest difference lies between the largest of their bounds.
        return Judgement.Judge(
            Name,
            Math.Abs(share - shareBefore),
            new ConfidenceInterval(intervals.Max(interval => interval.Lower), intervals.Max(interval => interval.Upper), level),
            atMost,
            Judgement.Lacks(ours, theirs, "predictions") ?? FormattableString.Invariant(
                $"{share:P1} of {ours:N0} predictions are {what}, compared with ") +
                FormattableString.Invariant($"{shareBefore:P1} of {theirs:N0} on the live version"),
            $"{Judgement.Points(atMost)} either way");
    }

    private static (string What, long Ours, long Theirs)[] OfClasses(RolloutContext context, RolloutStep step)
    {
        // Of two classes, one tells all.
        var first = context.Classes.Count == 2 ? 1 : 0;
        return
        [
            .. Enumerable.Range(first, context.Classes.Count - first).Select(
                i => (PrintableText.Shorten(context.Classes[i]), Count(step.Candidate.Decisions, i), Count(step.Live.Decisions, i))),
        ];
    }

    private static (string What, long Ours, long Theirs)[] UpToEdges(RolloutContext context, RolloutStep step)
    {
        if (context.ScoreEdges.Count == 0)
        {
            throw new MlOpsException(
                $"It is not known what version {context.LiveVersion} of '{context.Model}' predicted when it was trained.",
                "Give the context ScoreEdges, and the evidence ScoreCounts.");
        }
        var parts = new (string What, long Ours, long Theirs)[context.ScoreEdges.Count];
        var (ours, theirs) = (0L, 0L);
        for (var i = 0; i < parts.Length; i++)
        {
            ours += Count(step.Candidate.ScoreCounts, i);
            theirs += Count(step.Live.ScoreCounts, i);
            parts[i] = (FormattableString.Invariant($"at most {context.ScoreEdges[i]:G6}"), ours, theirs);
        }

        return parts;
    }

    private static long Count(IReadOnlyList<long> counts, int bin) => bin < counts.Count ? counts[bin] : 0;

    private static double Share(long count, long total) => total == 0 ? double.NaN : (double)count / total;

    private static ConfidenceInterval Distance(ConfidenceInterval difference) => new(
        Math.Max(0, Math.Max(difference.Lower, -difference.Upper)),
        Math.Max(Math.Abs(difference.Lower), Math.Abs(difference.Upper)),
        difference.Level);
}
