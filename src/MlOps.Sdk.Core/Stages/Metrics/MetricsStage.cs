using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Metrics;

/// <summary>Stage 4: puts the metrics and their bounds on record.</summary>
internal sealed class MetricsStage(MetricPlan plan) : IStage
{
    public const string Definitions = "definitions";

    public LifecycleStage Kind => LifecycleStage.Metrics;

    public IReadOnlyList<StageInput> Inputs => plan.All.OfType<BuiltInMetric>().Any(metric => metric.Attribute is not null)
        ? [new(LifecycleStage.Processing, ProcessingStage.Train)]
        : [];

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        foreach (var metric in plan.All) fingerprint.AddObject($"metric {metric.Name}", metric);
        foreach (var definition in Describe()) fingerprint.Add($"bounds of {definition.Name}", $"{definition.Role} {definition.Bounds}");
        return new(new StageWork(token => ExecuteAsync(context, token)));
    }

    private async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        foreach (var metric in plan.All.OfType<BuiltInMetric>().Where(metric => metric.Attribute is not null))
        {
            // The search would notice it only after the features are fitted.
            var schema = await context.Artifacts.ReadSchemaAsync(
                context.Input(LifecycleStage.Processing, ProcessingStage.Train),
                cancellationToken).ConfigureAwait(false);
            if (!schema.Contains(metric.Attribute!))
            {
                throw NearestName.MissingColumn(metric.Attribute!, $"The metric '{metric.Name}'", schema);
            }
        }

        await context.SaveAsync(
            Definitions, [.. Describe()], MetricsJson.Default.MetricDefinitionArray, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<MetricDefinition> Describe() =>
    [
        Describe(plan.Primary, "optimize"),
        .. plan.Guards.Select(guard => Describe(guard, "guard")),
        .. plan.Reported.Select(metric => Describe(new MetricRequirement(metric), "report")),
    ];

    private static MetricDefinition Describe(MetricRequirement requirement, string role) =>
        new(requirement.Metric.Name, requirement.Metric.Direction, role, requirement.Bounds);
}
