namespace MlOps.Sdk.Metrics;

/// <summary>Stage 4: what "good" means. Not thread-safe.</summary>
public sealed class MetricsBuilder
{
    private readonly List<MetricRequirement> _guards = [];
    private readonly List<IMetric> _reported = [];
    private MetricRequirement? _primary;

    internal MetricsBuilder()
    {
    }

    /// <summary>The metric by which the best fit is chosen, and what a model must reach to be deployed.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">A target from below: the lower bound of the holdout's 95 % interval must reach it.</param>
    /// <param name="atMost">A target from above: the upper bound of the holdout's 95 % interval must keep it.</param>
    public MetricsBuilder Optimize(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        if (_primary is not null) throw new InvalidOperationException("Optimize is called twice; a lifecycle optimizes one metric. Use Guard or Report for others.");
        _primary = Require(metric, atLeast, atMost);
        return this;
    }

    /// <summary>A limit that a model must keep: in the search out of fold, and on the holdout before it is deployed. The point is compared.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">The lower limit.</param>
    /// <param name="atMost">The upper limit.</param>
    public MetricsBuilder Guard(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        if (atLeast is null && atMost is null) throw new ArgumentException("A guard needs a limit: atLeast, atMost or both.", nameof(atLeast));
        _guards.Add(Require(metric, atLeast, atMost));
        return this;
    }

    /// <summary>Metrics that are computed and stored, and decide nothing.</summary>
    /// <param name="metrics">The metrics.</param>
    public MetricsBuilder Report(params IMetric[] metrics)
    {
        foreach (var metric in metrics)
        {
            ArgumentNullException.ThrowIfNull(metric, nameof(metrics));
            _reported.Add(metric);
        }

        return this;
    }

    internal MetricPlan? Build(ICollection<string> mistakes)
    {
        foreach (var twice in _guards.Select(guard => guard.Metric.Name).GroupBy(name => name).Where(group => group.Count() > 1))
            mistakes.Add($"The metric '{twice.Key}' is guarded twice. Join the limits in one Guard(…, atLeast: …, atMost: …).");
        if (_primary is null)
        {
            mistakes.Add("DefineMetrics does not say what to optimize. Call Optimize(Metric.…).");
            return null;
        }

        return new MetricPlan(_primary, [.. _guards], [.. _reported]);
    }

    private static MetricRequirement Require(IMetric metric, double? atLeast, double? atMost)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (atLeast is double.NaN || atMost is double.NaN) throw new ArgumentException("A limit is a number.", nameof(atLeast));
        if (atLeast > atMost) throw new ArgumentException($"The lower limit {atLeast} is above the upper limit {atMost}.", nameof(atLeast));
        return new MetricRequirement(metric, atLeast, atMost);
    }
}
