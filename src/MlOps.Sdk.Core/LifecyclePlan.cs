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

    /// <summary>How long stages may take.</summary>
    public IReadOnlyDictionary<LifecycleStage, TimeSpan> Budgets { get; init; } = new Dictionary<LifecycleStage, TimeSpan>();

    public ProblemDefinition? Problem { get; init; }

    public CollectionPlan? Collection { get; init; }

    public ProcessingPlan? Processing { get; init; }

    public Func<IServiceProvider, MetricPlan>? Metrics { get; init; }

    public ExplorationPlan? Exploration { get; init; }

    public FeaturePlan? Features { get; init; }

    public TrainingPlan? Training { get; init; }

    public DeploymentPlan? Deployment { get; init; }

    public MonitoringPlan? Monitoring { get; init; }

    /// <summary>The stages that the lifecycle has.</summary>
    public IEnumerable<LifecycleStage> Stages => new (LifecycleStage Stage, object? Plan)[]
    {
        (LifecycleStage.Problem, Problem),
        (LifecycleStage.Collection, Collection),
        (LifecycleStage.Processing, Processing),
        (LifecycleStage.Metrics, Metrics),
        (LifecycleStage.Exploration, Exploration),
        (LifecycleStage.Features, Features),
        (LifecycleStage.Training, Training),
        (LifecycleStage.Deployment, Deployment),
        (LifecycleStage.Monitoring, Monitoring),
    }.Where(each => each.Plan is not null).Select(each => each.Stage);

    public static FeaturePlan DefaultFeatures() => new FeatureBuilder().Auto().Build(new BuildContext());
}
