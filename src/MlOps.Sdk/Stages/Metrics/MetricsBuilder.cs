namespace MlOps.Sdk.Metrics;

/// <summary>Stage 4: what "good" means. Not thread-safe.</summary>
public sealed class MetricsBuilder
{
    private readonly List<Func<IServiceProvider?, MetricRequirement>> _guards = [];
    private readonly List<Func<IServiceProvider?, IMetric>> _reported = [];
    private Func<IServiceProvider?, MetricRequirement>? _primary;

    internal MetricsBuilder()
    {
    }

    /// <summary>The metric by which the best fit is chosen, and what a model must reach to be deployed.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">A target from below: the lower bound of the holdout's 95 % interval must reach it.</param>
    /// <param name="atMost">A target from above: the upper bound of the holdout's 95 % interval must keep it.</param>
    public MetricsBuilder Optimize(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return Optimize(_ => metric, atLeast, atMost);
    }

    /// <summary>Optimizes a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    /// <param name="atLeast">A target from below: the lower bound of the holdout's 95 % interval must reach it.</param>
    /// <param name="atMost">A target from above: the upper bound of the holdout's 95 % interval must keep it.</param>
    public MetricsBuilder Optimize<TMetric>(double? atLeast = null, double? atMost = null)
        where TMetric : class, IMetric => Optimize(Diagnostics.Services.Require<TMetric>, atLeast, atMost);

    /// <summary>A limit that a model must keep: in the search out of fold, and on the holdout before it is deployed. The point is compared.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">The lower limit.</param>
    /// <param name="atMost">The upper limit.</param>
    public MetricsBuilder Guard(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return Guard(_ => metric, atLeast, atMost);
    }

    /// <summary>A limit on a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    /// <param name="atLeast">The lower limit.</param>
    /// <param name="atMost">The upper limit.</param>
    public MetricsBuilder Guard<TMetric>(double? atLeast = null, double? atMost = null)
        where TMetric : class, IMetric => Guard(Diagnostics.Services.Require<TMetric>, atLeast, atMost);

    /// <summary>Metrics that are computed and stored, and decide nothing.</summary>
    /// <param name="metrics">The metrics.</param>
    public MetricsBuilder Report(params IMetric[] metrics)
    {
        foreach (var metric in metrics)
        {
            ArgumentNullException.ThrowIfNull(metric, nameof(metrics));
            _reported.Add(_ => metric);
        }

        return this;
    }

    /// <summary>Reports a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    public MetricsBuilder Report<TMetric>()
        where TMetric : class, IMetric
    {
        _reported.Add(Diagnostics.Services.Require<TMetric>);
        return this;
    }

    internal Func<IServiceProvider?, MetricPlan>? Build(ICollection<string> mistakes)
    {
        if (_primary is not { } primary)
        {
            mistakes.Add("DefineMetrics does not say what to optimize. Call Optimize(Metric.…).");
            return null;
        }

        return services =>
        {
            var plan = new MetricPlan(primary(services), [.. _guards.Select(guard => guard(services))], [.. _reported.Select(metric => metric(services))]);
            return plan.Guards.GroupBy(guard => guard.Metric.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? throw new MlOpsException($"The metric '{twice.Key}' is guarded twice.", "Join the limits in one Guard(…, atLeast: …, atMost: …).")
                : plan;
        };
    }

    private MetricsBuilder Optimize(Func<IServiceProvider?, IMetric> metric, double? atLeast, double? atMost)
    {
        if (_primary is not null) throw new InvalidOperationException("Optimize is called twice; a lifecycle optimizes one metric. Use Guard or Report for others.");
        CheckLimits(atLeast, atMost);
        _primary = services => new MetricRequirement(metric(services), atLeast, atMost);
        return this;
    }

    private MetricsBuilder Guard(Func<IServiceProvider?, IMetric> metric, double? atLeast, double? atMost)
    {
        if (atLeast is null && atMost is null) throw new ArgumentException("A guard needs a limit: atLeast, atMost or both.", nameof(atLeast));
        CheckLimits(atLeast, atMost);
        _guards.Add(services => new MetricRequirement(metric(services), atLeast, atMost));
        return this;
    }

    private static void CheckLimits(double? atLeast, double? atMost)
    {
        if (atLeast is double.NaN || atMost is double.NaN) throw new ArgumentException("A limit is a number.", nameof(atLeast));
        if (atLeast > atMost) throw new ArgumentException($"The lower limit {atLeast} is above the upper limit {atMost}.", nameof(atLeast));
    }
}
