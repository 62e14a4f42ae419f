using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>A metric given as a function. Where the function gives NaN, the value is undefined for the stated reason.</summary>
internal sealed class BuiltInMetric(
    string name,
    Direction direction,
    MetricNeeds needs,
    Func<Evaluation, MetricValue> compute,
    IUncertainty? uncertainty = null) : IMetric
{
    private static readonly TaskKind[] Classification = [TaskKind.BinaryClassification, TaskKind.MulticlassClassification];

    public string Name => name;

    public Direction Direction => direction;

    public MetricNeeds Needs => needs;

    /// <summary>How sure the value is; <see langword="null"/> where drawing rows tells.</summary>
    public IUncertainty? Uncertainty => uncertainty;

    /// <summary>The column whose groups are compared; <see langword="null"/> where there is none.</summary>
    public string? Attribute { get; init; }

    /// <summary>The value where groups are treated alike, past which no gap gets; <see langword="null"/> for other metrics.</summary>
    public double? Parity { get; init; }

    /// <summary>The tasks for which the metric is defined.</summary>
    public required IReadOnlyList<TaskKind> Tasks { get; init; }

    /// <summary>The least possible value.</summary>
    public double Least { get; init; }

    /// <summary>The largest possible value.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    public MetricValue Compute(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        evaluation.RequireWeightPerRow();
        evaluation.RequireScores();
        return evaluation.RowCount == 0 ? MetricValue.NotDefined("There are no rows.") : compute(evaluation);
    }

    /// <summary>A metric of probabilities, one function for two classes and one for several.</summary>
    public static BuiltInMetric OfScores(
        string name,
        Direction direction,
        Func<Evaluation, double> binary,
        Func<Evaluation, double> multiclass,
        string undefined,
        IUncertainty? uncertainty = null,
        double most = 1) =>
        new(
            name,
            direction,
            MetricNeeds.Scores | MetricNeeds.Weights,
            evaluation => OfClasses(name, evaluation, undefined, e => e.Task == TaskKind.BinaryClassification ? binary(e) : multiclass(e)),
            uncertainty) { Tasks = Classification, Most = most };

    /// <summary>A metric of decisions.</summary>
    public static BuiltInMetric OfDecisions(
        string name,
        Func<ConfusionMatrix, double> binary,
        Func<ConfusionMatrix, double> multiclass,
        string undefined,
        IUncertainty? uncertainty = null,
        double least = 0) =>
        new(
            name,
            Direction.Up,
            MetricNeeds.Decisions | MetricNeeds.Weights,
            evaluation => OfClasses(
                name,
                evaluation,
                undefined,
                e => e.Task == TaskKind.BinaryClassification ? binary(e.Confusion()) : multiclass(e.Confusion())),
            uncertainty) { Tasks = Classification, Least = least, Most = 1 };

    /// <summary>A metric of predicted numbers.</summary>
    public static BuiltInMetric OfNumbers(
        string name,
        Direction direction,
        Func<Evaluation, double> compute,
        string undefined,
        IUncertainty? uncertainty = null,
        double least = 0,
        double most = double.PositiveInfinity) =>
        new(
            name,
            direction,
            MetricNeeds.Scores | MetricNeeds.Weights,
            evaluation => evaluation.Task == TaskKind.Regression
                ? Defined(compute(evaluation), undefined)
                : MetricValue.NotDefined($"{name} is a metric for regression."),
            uncertainty) { Tasks = [TaskKind.Regression], Least = least, Most = most };

    private static MetricValue OfClasses(string name, Evaluation evaluation, string undefined, Func<Evaluation, double> compute) =>
        evaluation.Task == TaskKind.Regression
            ? MetricValue.NotDefined($"{name} is a metric for classification.")
            : Defined(compute(evaluation), undefined);

    private static MetricValue Defined(double value, string undefined) =>
        double.IsNaN(value) ? MetricValue.NotDefined(undefined) : new MetricValue(value);
}
