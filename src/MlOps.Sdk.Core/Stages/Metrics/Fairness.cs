using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk;

/// <summary>
/// The built-in fairness metrics of binary classifiers, each over the groups of one protected attribute. Groups smaller than the minimum
/// are left out; with fewer than two groups left, a metric is undefined and names them. Thread-safe.
/// </summary>
public static class Fairness
{
    /// <summary>Groups with fewer rows than this are left out unless stated otherwise.</summary>
    public const int DefaultMinimumGroupSize = 30;

    /// <summary>The share of a group's rows that is decided positive, <c>selection_rate(attribute=group)</c>.</summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="group">The group, as text in the data.</param>
    public static IMetric SelectionRate(string attribute, string group)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        ArgumentNullException.ThrowIfNull(group);
        return new BuiltInMetric($"selection_rate({attribute}={group})", Direction.Up, MetricNeeds.Decisions | MetricNeeds.Groups,
            e => OfBinary(e, () => FairnessMetrics.SelectionRate(e.Decisions(), e.GroupsOf(attribute), group)))
        {
            Attribute = attribute,
            Tasks = [TaskKind.BinaryClassification],
            Most = 1
        };
    }

    /// <summary>
    /// The largest gap between groups in the share decided positive, <c>demographic_parity_difference(attribute)</c>. Lower is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric DemographicParityDifference(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "demographic_parity_difference",
            Direction.Down,
            attribute,
            minimumGroupSize,
            (_, decisions, groups) => FairnessMetrics.DemographicParityDifference(decisions, groups, minimumGroupSize));

    /// <summary>
    /// The smallest share decided positive divided by the largest, <c>demographic_parity_ratio(attribute)</c>; the four-fifths
    /// rule wants 0.8. Higher is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric DemographicParityRatio(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "demographic_parity_ratio",
            Direction.Up,
            attribute,
            minimumGroupSize,
            (_, decisions, groups) => FairnessMetrics.DemographicParityRatio(decisions, groups, minimumGroupSize));

    /// <summary>
    /// The largest gap between groups in the share of positive rows found, <c>equal_opportunity_difference(attribute)</c>. Lower is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric EqualOpportunityDifference(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "equal_opportunity_difference",
            Direction.Down,
            attribute,
            minimumGroupSize,
            (labels, decisions, groups) => FairnessMetrics.EqualOpportunityDifference(labels, decisions, groups, minimumGroupSize));

    /// <summary>
    /// The larger of the gaps in true and in false positive rates, <c>equalized_odds_difference(attribute)</c>. Lower is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric EqualizedOddsDifference(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "equalized_odds_difference",
            Direction.Down,
            attribute,
            minimumGroupSize,
            (labels, decisions, groups) => FairnessMetrics.EqualizedOddsDifference(labels, decisions, groups, minimumGroupSize));

    private static BuiltInMetric Create(
        string name,
        Direction direction,
        string attribute,
        int minimumGroupSize,
        Func<double[], double[], IReadOnlyList<string?>, MetricValue> compute)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumGroupSize);
        return new BuiltInMetric($"{name}({attribute})", direction, MetricNeeds.Decisions | MetricNeeds.Groups,
            e => OfBinary(e, () => compute(e.Labels.ToArray(), e.Decisions(), e.GroupsOf(attribute))))
        {
            Attribute = attribute,
            Tasks = [TaskKind.BinaryClassification],
            Most = 1
        };
    }

    private static MetricValue OfBinary(Evaluation evaluation, Func<MetricValue> compute) =>
        evaluation.Task == TaskKind.BinaryClassification
            ? compute()
            : MetricValue.NotDefined("Fairness metrics are defined for binary classification.");
}
