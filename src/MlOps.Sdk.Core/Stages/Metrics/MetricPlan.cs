using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>What stage 4 defines: the metric to optimize, what it must reach, what must be kept, what is only reported.</summary>
internal sealed record MetricPlan(MetricRequirement Primary, IReadOnlyList<MetricRequirement> Guards, IReadOnlyList<IMetric> Reported)
{
    public IEnumerable<IMetric> All =>
        Guards.Select(guard => guard.Metric).Prepend(Primary.Metric).Concat(Reported).DistinctBy(metric => metric.Name);

    /// <summary>What is optimized, without a target, by default.</summary>
    public static Func<IServiceProvider, MetricPlan> DefaultOf(TaskKind task) => _ => new MetricPlan(
        new MetricRequirement(task switch
        {
            TaskKind.BinaryClassification => Metric.RocAuc,
            TaskKind.MulticlassClassification => Metric.F1,
            _ => Metric.Rmse,
        }),
        [],
        []);

    /// <summary>The plan with further metrics that are computed and decide nothing; those that it has already are not added.</summary>
    public MetricPlan Reporting(IEnumerable<IMetric> metrics) => this with
    {
        Reported = [.. Reported, .. metrics.DistinctBy(metric => metric.Name).Where(metric => All.All(known => known.Name != metric.Name))],
    };

    /// <summary>The protected attributes whose groups metrics compare.</summary>
    public IEnumerable<string> Attributes => All.OfType<BuiltInMetric>().Select(metric => metric.Attribute).OfType<string>();

    /// <summary>The metrics that count all rows alike, whatever their weights.</summary>
    public IEnumerable<IMetric> IgnoringWeights => All.Where(metric => !metric.Needs.HasFlag(MetricNeeds.Weights));
}
