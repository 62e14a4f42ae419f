using MlOps.Sdk.Execution;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>What decisions are worth, given the labels: the mean over rows, for classification. Thread-safe.</summary>
internal sealed class DecisionValue
{
    private readonly string _name;

    [NotInFingerprint]
    private readonly Func<string, string, double> _value;

    private DecisionValue(string name, Func<string, string, double> value, string? version) =>
        (_name, _value, Identity) = (name, value, version is null ? value : version);

    /// <summary>What the function is known by in fingerprints: a version that somebody declared, or its code.</summary>
    public object Identity { get; }

    /// <summary><c>value(name)</c>: the mean worth of a decision. Higher is better.</summary>
    /// <param name="name">The name shown, for example <c>profit</c>.</param>
    /// <param name="value">What a decision is worth: given the class decided for, and the label.</param>
    /// <param name="version">The version of the function; by default its code is its identity, which changes with each build.</param>
    public static BuiltInMetric Of(string name, Func<string, string, double> value, string? version = null)
    {
        var worth = new DecisionValue(name, value, version);
        return new BuiltInMetric(
            $"value({name})",
            Direction.Up,
            MetricNeeds.Decisions | MetricNeeds.Weights,
            worth.Compute,
            new ValueUncertainty(worth.Values))
        {
            Tasks = [TaskKind.BinaryClassification, TaskKind.MulticlassClassification],
            Least = double.NegativeInfinity,
        };
    }

    private MetricValue Compute(Evaluation evaluation)
    {
        if (evaluation.Classes.Count == 0)
        {
            return MetricValue.NotDefined($"'{_name}' values decisions by the names of classes, and the rows have none.");
        }
        var values = Values(evaluation).OfRows;
        double sum = 0, weights = 0;
        for (var row = 0; row < evaluation.RowCount; row++)
        {
            sum += evaluation.Weight(row) * values[row];
            weights += evaluation.Weight(row);
        }

        return new MetricValue(sum / weights);
    }

    private (double[] OfRows, double Least, double Most) Values(Evaluation evaluation)
    {
        var worths = Worths(evaluation);
        var values = new double[evaluation.RowCount];
        for (var row = 0; row < values.Length; row++) values[row] = worths[evaluation.Decision(row)][(int)evaluation.Labels.Span[row]];
        return (values, worths.Min(row => row.Min()), worths.Max(row => row.Max()));
    }

    // By the class decided for, then by the label.
    private double[][] Worths(Evaluation evaluation) =>
    [
        .. evaluation.Classes.Select(decision => evaluation.Classes.Select(label => WorthOf(decision, label)).ToArray()),
    ];

    private double WorthOf(string decision, string label)
    {
        var worth = _value(decision, label);
        return double.IsFinite(worth)
            ? worth
            : throw new MlOpsException(
                FormattableString.Invariant($"'{_name}' values the decision '{decision}' where the label is '{label}' at {worth}."),
                "Return a finite number.");
    }
}
