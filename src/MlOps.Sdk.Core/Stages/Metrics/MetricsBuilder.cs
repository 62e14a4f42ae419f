using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>Stage 4: what "good" means. Not thread-safe.</summary>
public sealed class MetricsBuilder
{
    private readonly BuilderSeal _seal = new("DefineMetrics");
    private readonly List<Func<IServiceProvider, MetricRequirement>> _guards = [];
    private readonly HashSet<string> _guarded = new(StringComparer.Ordinal);
    private readonly List<Func<IServiceProvider, IMetric>> _reported = [];
    private readonly List<BuiltInMetric> _builtIn = [];
    private Func<IServiceProvider, MetricRequirement>? _primary;

    internal MetricsBuilder()
    {
    }

    /// <summary>The metric by which the best fit is chosen, and what a model must reach to be deployed.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">A target from below: the lower bound of the holdout's 95 % interval must reach it.</param>
    /// <param name="atMost">A target from above: the upper bound of the holdout's 95 % interval must keep it.</param>
    /// <exception cref="ArgumentException">
    /// The target is on the side that is worse for the metric, or outside the values that a built-in metric can have.
    /// </exception>
    public MetricsBuilder Optimize(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (metric.Direction == Direction.Up && atMost is not null)
        {
            throw new ArgumentException(
                $"'{metric.Name}' is better when higher, so its target is atLeast: …; use a Guard for an upper limit.",
                nameof(atMost));
        }
        if (metric.Direction == Direction.Down && atLeast is not null)
        {
            throw new ArgumentException(
                $"'{metric.Name}' is better when lower, so its target is atMost: …; use a Guard for a lower limit.",
                nameof(atLeast));
        }
        CheckRange(metric, atLeast, nameof(atLeast));
        CheckRange(metric, atMost, nameof(atMost));
        Keep(metric);
        return Optimize(_ => metric, atLeast, atMost);
    }

    /// <summary>Optimizes a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    /// <param name="atLeast">A target from below: the lower bound of the holdout's 95 % interval must reach it.</param>
    /// <param name="atMost">A target from above: the upper bound of the holdout's 95 % interval must keep it.</param>
    public MetricsBuilder Optimize<TMetric>(double? atLeast = null, double? atMost = null)
        where TMetric : class, IMetric => Optimize(PluginServices.Require<TMetric>, atLeast, atMost);

    /// <summary>
    /// A limit that a model must keep: in the search out of fold, and on the holdout before it is deployed. The point is compared.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="atLeast">The lower limit.</param>
    /// <param name="atMost">The upper limit.</param>
    /// <exception cref="ArgumentException">There is no limit, or it is outside the values that a built-in metric can have.</exception>
    public MetricsBuilder Guard(IMetric metric, double? atLeast = null, double? atMost = null)
    {
        ArgumentNullException.ThrowIfNull(metric);
        CheckRange(metric, atLeast, nameof(atLeast));
        CheckRange(metric, atMost, nameof(atMost));
        var guard = Guard(_ => metric, atLeast, atMost);
        Keep(metric);
        if (!_guarded.Add(metric.Name))
        {
            _seal.Add($"DefineMetrics guards '{metric.Name}' twice.", "Merge the limits into one Guard(…, atLeast: …, atMost: …).");
        }
        return guard;
    }

    /// <summary>A limit on a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    /// <param name="atLeast">The lower limit.</param>
    /// <param name="atMost">The upper limit.</param>
    public MetricsBuilder Guard<TMetric>(double? atLeast = null, double? atMost = null)
        where TMetric : class, IMetric => Guard(PluginServices.Require<TMetric>, atLeast, atMost);

    /// <summary>Metrics that are computed and stored, and decide nothing.</summary>
    /// <param name="metrics">The metrics.</param>
    public MetricsBuilder Report(params IMetric[] metrics)
    {
        _seal.CheckOpen();
        foreach (var metric in metrics)
        {
            ArgumentNullException.ThrowIfNull(metric, nameof(metrics));
            Keep(metric);
            _reported.Add(_ => metric);
        }

        return this;
    }

    /// <summary>Reports a metric from the service container.</summary>
    /// <typeparam name="TMetric">The type to resolve for each run.</typeparam>
    public MetricsBuilder Report<TMetric>()
        where TMetric : class, IMetric
    {
        _seal.CheckOpen();
        _reported.Add(PluginServices.Require<TMetric>);
        return this;
    }

    internal Func<IServiceProvider, MetricPlan>? Build(BuildContext context)
    {
        var (task, mistakes) = (context.Task, context.Mistakes);
        _seal.Close(mistakes);
        foreach (var metric in task is { } solved
            ? _builtIn.Where(metric => !metric.Tasks.Contains(solved)).DistinctBy(metric => metric.Name)
            : [])
        {
            mistakes.Add(
                $"The metric '{metric.Name}' is not defined for {task}, only for {string.Join(" and ", metric.Tasks)}. Choose another.");
        }
        if (_primary is not { } primary)
        {
            context.Lacks(LifecycleStage.Metrics, "DefineMetrics has no metric to optimize. Call Optimize(Metric.…).");
            return null;
        }

        return services =>
        {
            var plan = new MetricPlan(
                primary(services), [.. _guards.Select(guard => guard(services))], [.. _reported.Select(metric => metric(services))]);
            return plan.Guards.GroupBy(guard => guard.Metric.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? throw new MlOpsException(
                    $"The metric '{twice.Key}' is guarded twice.",
                    "Merge the limits into one Guard(…, atLeast: …, atMost: …).")
                : plan;
        };
    }

    private MetricsBuilder Optimize(Func<IServiceProvider, IMetric> metric, double? atLeast, double? atMost)
    {
        _seal.CheckOpen();
        if (_primary is not null)
        {
            _seal.Add(
                "DefineMetrics calls Optimize twice, but a lifecycle optimizes one metric.",
                "Keep one, and use Guard or Report for the other.");
        }
        CheckLimits(atLeast, atMost);
        _primary = services => new MetricRequirement(metric(services), atLeast, atMost);
        return this;
    }

    private MetricsBuilder Guard(Func<IServiceProvider, IMetric> metric, double? atLeast, double? atMost)
    {
        _seal.CheckOpen();
        if (atLeast is null && atMost is null)
        {
            throw new ArgumentException("A guard needs a limit: atLeast, atMost or both.", nameof(atLeast));
        }
        CheckLimits(atLeast, atMost);
        _guards.Add(services => new MetricRequirement(metric(services), atLeast, atMost));
        return this;
    }

    private void Keep(IMetric metric)
    {
        if (metric is BuiltInMetric builtIn) _builtIn.Add(builtIn);
    }

    private static void CheckRange(IMetric metric, double? limit, string parameter)
    {
        if (metric is BuiltInMetric range && (limit < range.Least || limit > range.Most))
        {
            throw new ArgumentOutOfRangeException(
                parameter, limit, FormattableString.Invariant($"'{metric.Name}' is {Range(range)}. Write a share of 80 % as 0.8."));
        }
    }

    private static string Range(BuiltInMetric metric) =>
        !double.IsFinite(metric.Most) ? FormattableString.Invariant($"at least {metric.Least}")
        : !double.IsFinite(metric.Least) ? FormattableString.Invariant($"at most {metric.Most}")
        : FormattableString.Invariant($"between {metric.Least} and {metric.Most}");

    private static void CheckLimits(double? atLeast, double? atMost)
    {
        if (atLeast is double.NaN || atMost is double.NaN) throw new ArgumentException("A limit is a number.", nameof(atLeast));
        if (atLeast > atMost) throw new ArgumentException($"The lower limit {atLeast} is above the upper limit {atMost}.", nameof(atLeast));
    }
}
