using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests;

/// <summary>A small lifecycle over subscribers: seconds become milliseconds, everything else is as in production.</summary>
internal static class SampleLifecycle
{
    public const string Name = "subscribers";

    public static LifecycleBuilder Begin(
        Subscriber[]? rows = null,
        Action<TrainingBuilder>? train = null,
        Action<FeatureBuilder>? features = null) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes").Cost(1, 3).Protect("abroad"))
        .CollectData(data => data.FromObjects(rows ?? Subscriber.Draw(1_000, seed: 1)))
        .ProcessData(data => data.DropDuplicates().Split(test: 0.25))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.6))
        .ExploreData(explore => explore.Hypothesis(
            "Monthly plans are left more often",
            rows => rows.Rate("left", "Yes").IsHigherWhere("plan", "monthly")))
        .EngineerFeatures(features ?? (builder => builder.Auto()))
        .TrainModel(train ?? (training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0)));

    public static LifecycleBuilder Deployed(this LifecycleBuilder builder, Action<DeploymentBuilder>? deploy = null) =>
        builder.DeployModel(deploy ?? (deployment => deployment.ToProcess()));

    public static LifecycleBuilder Monitored(this LifecycleBuilder builder, Action<MonitoringBuilder>? monitor = null) =>
        builder.MonitorModel(monitor ?? (monitoring => monitoring
            .DataDrift().PredictionDrift().Bias("abroad")
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.FromDays(1))));

    /// <summary>Asks the live version of each row.</summary>
    public static void Serve(Workspace workspace, Subscriber[] rows)
    {
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(Name);
        foreach (var row in rows) endpoint.Predict(UnlabelledSubscriber.Of(row));
    }
}
