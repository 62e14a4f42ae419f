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
        var each = Judgement.LevelOfEach(level, 2);
        var candidate = Sum(context, step.Candidate);
        var live = Sum(context, step.Live);

        // What is worth less is worse.
        return Judgement.Judge(
            Name,
            live.Mean - candidate.Mean,
            Judgement.Difference(IntervalOf(live, each), IntervalOf(candidate, each), level),
            atMostLess,
            FormattableString.Invariant($"a decision is worth {candidate.Mean:G4} on {candidate.Rows:N0} labels, ") +
                FormattableString.Invariant($"{live.Mean:G4} on {live.Rows:N0} of the live version"));
    }

    private static ConfidenceInterval IntervalOf((long Rows, double Mean, double Variance) values, double level) =>
        Judgement.MeanOf(values.Mean, values.Variance, values.Rows, level);

    private (long Rows, double Mean, double Variance) Sum(RolloutContext context, ArmEvidence arm)
    {
        var cells = new List<(long Rows, double Value)>();
        for (var decision = 0; decision < arm.Labelled.Count; decision++)
        {
            for (var label = 0; label < arm.Labelled[decision].Count; label++)
            {
                var rows = arm.Labelled[decision][label];
                if (rows > 0) cells.Add((rows, ValueOf(context.Classes[decision], context.Classes[label])));
            }
        }

        var total = cells.Sum(cell => cell.Rows);
        if (total == 0) return (0, double.NaN, double.NaN);
        var mean = cells.Sum(cell => cell.Rows * cell.Value) / total;
        var variance = total < 2 ? double.NaN : cells.Sum(cell => cell.Rows * (cell.Value - mean) * (cell.Value - mean)) / (total - 1);
        return (total, mean, variance);
    }

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
