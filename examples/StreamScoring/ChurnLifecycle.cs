using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Training;

namespace StreamScoring;

/// <summary>Trains the model that scores the stream, and watches it.</summary>
internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    public static Lifecycle Define(string table, IAlertSink alerts) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
        .CollectData(data => data.FromCsv(table))
        .ProcessData(data => data.Split(test: 0.2))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.75))
        .EngineerFeatures(features => features
            .Numeric(["tenure", "monthly_charges"])
            .OneHot(["contract", "internet_service", "payment_method"]))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 3).Trials(0))
        .DeployModel(deployment => deployment.ToProcess().CheckInputs(inputs => inputs.Unseen(InputHandling.Reject)))
        .MonitorModel(monitoring => monitoring.DataDrift().Alert(alerts))
        .Build();
}
