using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests;

/// <summary>Builds one stage by itself, for tests of what is in it.</summary>
internal static class BuilderExtensions
{
    public static CollectionPlan Build(this CollectionBuilder builder) => Correct(builder.Build);

    public static ProcessingPlan Build(this ProcessingBuilder builder) => Correct(builder.Build);

    public static ProblemDefinition? Build(this ProblemBuilder builder, ICollection<string> mistakes) => builder.Build(Context(mistakes));

    public static Func<IServiceProvider, MetricPlan>? Build(this MetricsBuilder builder, TaskKind? task, ICollection<string> mistakes) =>
        builder.Build(Context(mistakes, task));

    public static ExplorationPlan Build(this ExplorationBuilder builder) => Correct(builder.Build);

    public static FeaturePlan Build(this FeatureBuilder builder, ICollection<string> mistakes, bool isNeeded = true) =>
        builder.Build(new BuildContext { Mistakes = mistakes, NeedsFeatures = isNeeded });

    public static TrainingPlan? Build(this TrainingBuilder builder, TaskKind? task, ICollection<string> mistakes) =>
        builder.Build(Context(mistakes, task));

    public static DeploymentPlan Build(this DeploymentBuilder builder, ICollection<string> mistakes) => builder.Build(Context(mistakes));

    public static MonitoringPlan Build(this MonitoringBuilder builder, ICollection<string> mistakes) => builder.Build(Context(mistakes));

    private static BuildContext Context(ICollection<string> mistakes, TaskKind? task = null) => new() { Task = task, Mistakes = mistakes };

    private static T Correct<T>(Func<BuildContext, T> build)
    {
        var context = new BuildContext();
        var plan = build(context);
        return context.Mistakes.Count == 0 ? plan : throw new MlOpsException(string.Join(" ", context.Mistakes), remedy: null);
    }
}
