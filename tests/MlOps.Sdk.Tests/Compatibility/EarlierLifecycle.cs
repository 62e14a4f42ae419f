using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Compatibility;

/// <summary>The lifecycles of the earlier workspace, declared as its program declared them.</summary>
internal static class EarlierLifecycle
{
    public const string Linear = "churn-linear";
    public const string Trees = "churn-trees";

    public static Lifecycle Build(string name, string table) => LifecycleBuilder.Create(name)
        .DefineProblem(problem => problem.BinaryClassification("churn", positive: "Yes").Cost(20, 100).Protect("female"))
        .CollectData(data => data.FromCsv(table))
        .ProcessData(data => data
            .DropDuplicates()
            .Expect(row => row.Column("tenure").Between(1, 120), OnFailure.Quarantine)
            .Split(test: 0.25))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.6).Report(Metric.LogLoss))
        .ExploreData(explore => explore
            .Hypothesis("Those who leave pay more", all => all.Mean("monthly_charges").DiffersBetween("churn")))
        .EngineerFeatures(features => features.Auto().Observe("female"))
        .TrainModel(training => Try(training, name).CrossValidate(2).Trials(1))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring
            .DataDrift().PredictionDrift().MinimumRows(50)
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.FromDays(1)))
        .Build();

    private static TrainingBuilder Try(TrainingBuilder training, string name) => name == Linear
        ? training.Try(Trainers.LogisticRegression())
        : training.Try(Trainers.GradientBoosting(), search => search.Fix("trees", 20).Fix("leaves", 6));
}
