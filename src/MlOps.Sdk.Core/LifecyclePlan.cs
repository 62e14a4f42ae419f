using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The definition of a lifecycle, stage by stage; <see langword="null"/> for stages that it does not have. Immutable.</summary>
internal sealed record LifecyclePlan
{
    public required string Name { get; init; }

    public required int Seed { get; init; }

    /// <summary>The run whose model a retraining starts from.</summary>
    public string? RetrainedFrom { get; init; }

    public ProblemDefinition? Problem { get; init; }

    public CollectionPlan? Collection { get; init; }

    public ProcessingPlan? Processing { get; init; }

    public Func<IServiceProvider, MetricPlan>? Metrics { get; init; }

    public ExplorationPlan? Exploration { get; init; }

    public FeaturePlan? Features { get; init; }

    public TrainingPlan? Training { get; init; }

    public DeploymentPlan? Deployment { get; init; }

    public MonitoringPlan? Monitoring { get; init; }

    public static FeaturePlan DefaultFeatures() => new FeatureBuilder().Auto().Build(new BuildContext());
}
