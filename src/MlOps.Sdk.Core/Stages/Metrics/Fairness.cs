using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk;

/// <summary>
/// The built-in fairness metrics of binary classifiers, each over the groups of one protected attribute. Groups smaller than the minimum
/// are left out; with fewer than two groups left, a metric is undefined and names them. With weights, rates are shares of weights; the
/// minimum counts rows. Thread-safe.
/// </summary>
/// <remarks>
/// A largest gap is never smaller than 0, and larger by chance the smaller and the more the groups are: judge it by its interval, see
/// <see cref="MetricIntervals.Compute"/>, which includes 0 (or a ratio of 1) where equal treatment is not excluded.
/// </remarks>
public static class Fairness
{
    private const MetricNeeds Needs = MetricNeeds.Decisions | MetricNeeds.Groups | MetricNeeds.Weights;

    /// <summary>Groups with fewer rows than this are left out unless stated otherwise.</summary>
    public const int DefaultMinimumGroupSize = 30;

    /// <summary>The share of a group's rows that is decided positive, <c>selection_rate(attribute=group)</c>.</summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="group">The group, as text in the data.</param>
    public static IMetric SelectionRate(string attribute, string group)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        ArgumentNullException.ThrowIfNull(group);
        return new BuiltInMetric($"selection_rate({attribute}={group})", Direction.Up, Needs,
            e => OfBinary(e, () => FairnessMetrics.SelectionRate(e.Decisions(), e.GroupsOf(attribute), group, e.Weights.Span)),
            new SelectionUncertainty(attribute, group))
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
            attribute,
            minimumGroupSize,
            new GapUncertainty(attribute, minimumGroupSize, isRatio: false, [null]),
            (e, groups) => FairnessMetrics.DemographicParityDifference(e.Decisions(), groups, minimumGroupSize, e.Weights.Span));

    /// <summary>
    /// The smallest share decided positive divided by the largest, <c>demographic_parity_ratio(attribute)</c>; the four-fifths
    /// rule wants 0.8. Higher is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric DemographicParityRatio(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "demographic_parity_ratio",
            attribute,
            minimumGroupSize,
            new GapUncertainty(attribute, minimumGroupSize, isRatio: true, [null]),
            (e, groups) => FairnessMetrics.DemographicParityRatio(e.Decisions(), groups, minimumGroupSize, e.Weights.Span));

    /// <summary>
    /// The largest gap between groups in the share of positive rows found, <c>equal_opportunity_difference(attribute)</c>. Lower is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric EqualOpportunityDifference(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "equal_opportunity_difference",
            attribute,
            minimumGroupSize,
            new GapUncertainty(attribute, minimumGroupSize, isRatio: false, [1]),
            (e, groups) => FairnessMetrics.EqualOpportunityDifference(
                e.Labels.Span, e.Decisions(), groups, minimumGroupSize, e.Weights.Span));

    /// <summary>
    /// The larger of the gaps in true and in false positive rates, <c>equalized_odds_difference(attribute)</c>. Lower is better.
    /// </summary>
    /// <param name="attribute">The column of the protected attribute.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 30.</param>
    public static IMetric EqualizedOddsDifference(string attribute, int minimumGroupSize = DefaultMinimumGroupSize) =>
        Create(
            "equalized_odds_difference",
            attribute,
            minimumGroupSize,
            new GapUncertainty(attribute, minimumGroupSize, isRatio: false, [1, 0]),
            (e, groups) => FairnessMetrics.EqualizedOddsDifference(
                e.Labels.Span, e.Decisions(), groups, minimumGroupSize, e.Weights.Span));

    private static BuiltInMetric Create(
        string name,
        string attribute,
        int minimumGroupSize,
        GapUncertainty uncertainty,
        Func<Evaluation, IReadOnlyList<string?>, MetricValue> compute)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumGroupSize);
        return new BuiltInMetric($"{name}({attribute})", uncertainty.IsRatio ? Direction.Up : Direction.Down, Needs,
            e => OfBinary(e, () => compute(e, e.GroupsOf(attribute))),
            uncertainty)
        {
            Attribute = attribute,
            Parity = uncertainty.IsRatio ? 1 : 0,
            Tasks = [TaskKind.BinaryClassification],
            Most = 1
        };
    }

    private static MetricValue OfBinary(Evaluation evaluation, Func<MetricValue> compute) =>
        evaluation.Task == TaskKind.BinaryClassification
            ? compute()
            : MetricValue.NotDefined("Fairness metrics are defined for binary classification.");
}
