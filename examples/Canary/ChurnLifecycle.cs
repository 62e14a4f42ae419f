using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace CanaryExample;

/// <summary>The lifecycle of all releases, each of which has more features: how a version is rolled out stays the same.</summary>
internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    // Seconds stand in for the hours that a rollout takes in production.
    private static readonly TimeSpan Bake = TimeSpan.FromSeconds(1);

    public static Lifecycle Define(string table, ITrainer trainer, Action<FeatureBuilder> features) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes").Cost(falsePositive: 20, falseNegative: 100))
        .CollectData(data => data.FromCsv(table))
        .ProcessData(data => data.DropDuplicates().Split(test: 0.2))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.65))
        .EngineerFeatures(features)
        .TrainModel(training => training.Try(trainer).CrossValidate(folds: 3).Trials(0))
        .DeployModel(deployment => deployment
            .ToProcess()
            .RollAsCanary(canary => canary
                .Step(0.1, Bake)
                .Step(0.5, Bake)
                .Guard(RolloutGuards.Errors(atMostMore: 0.01))
                .Guard(RolloutGuards.Latency(quantile: 0.95, atMostTimes: 20))))
        .MonitorModel(monitoring => monitoring.DataDrift())
        .Build();
}
