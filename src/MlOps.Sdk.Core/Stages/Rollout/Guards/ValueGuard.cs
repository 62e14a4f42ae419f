using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>Limits by how much less a decision of the candidate may be worth to the business, given its label.</summary>
internal sealed class ValueGuard(string name, Func<string, string, double> value, double atMostLess) : IRolloutGuard
{
    public string Name => name;

    public RolloutNeeds Needs { get; } = new() { Labels = true };

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        if (context.Task == TaskKind.Regression)
        {
            throw new MlOpsException(
                $"The guard '{Name}' values decisions, and '{context.Model}' predicts numbers.",
                "Use RolloutGuards.Value for classification only.");
        }
        // All that a decision can be worth is known, and with it the interval of the mean, however rare the dear ones are.
        var worth = Worths(context.Classes);
        var all = worth.SelectMany(row => row).ToArray();
        var (least, width) = (all.Min(), all.Max() - all.Min());
        var each = Judgement.LevelOfEach(level, 2);
        var candidate = Sum(worth, step.Candidate);
        var live = Sum(worth, step.Live);

        // What is worth less is worse.
        return Judgement.Judge(
            Name,
            live.Mean - candidate.Mean,
            Judgement.Difference(IntervalOf(live, least, width, each), IntervalOf(candidate, least, width, each), level),
            atMostLess,
            Judgement.Lacks(candidate.Rows, live.Rows, "labels") ?? FormattableString.Invariant(
                $"a decision is worth {candidate.Mean:G4} on average over {candidate.Rows:N0} labels, compared with ") +
                FormattableString.Invariant($"{live.Mean:G4} over {live.Rows:N0} on the live version"),
            FormattableString.Invariant($"{atMostLess:G4} less"));
    }

    private static ConfidenceInterval IntervalOf((long Rows, double Mean) values, double least, double width, double level)
    {
        if (width == 0) return new ConfidenceInterval(least, least, level);
        var share = ConfidenceSequences.OfSum(values.Rows == 0 ? 0 : (values.Mean - least) / width * values.Rows, values.Rows, level);
        return new ConfidenceInterval(least + (share.Lower * width), least + (share.Upper * width), level);
    }

    private static (long Rows, double Mean) Sum(double[][] worth, ArmEvidence arm)
    {
        var (rows, sum) = (0L, 0.0);
        for (var decision = 0; decision < arm.Labelled.Count; decision++)
        {
            for (var label = 0; label < arm.Labelled[decision].Count; label++)
            {
                rows += arm.Labelled[decision][label];
                sum += arm.Labelled[decision][label] * worth[decision][label];
            }
        }

        return (rows, rows == 0 ? double.NaN : sum / rows);
    }

    private double[][] Worths(IReadOnlyList<string> classes) =>
        [.. classes.Select(decision => classes.Select(label => ValueOf(decision, label)).ToArray())];

    private double ValueOf(string decision, string label)
    {
        var worth = value(decision, label);
        return double.IsFinite(worth)
            ? worth
            : throw new MlOpsException(
                $"The guard '{Name}' values the decision '{decision}' where the label is '{label}' at {worth}.",
                "Return a finite number.");
    }
}
