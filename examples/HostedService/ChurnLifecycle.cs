using MlOps.Sdk;

namespace HostedService;

/// <summary>The lifecycle that the host runs.</summary>
internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    public static void Define(LifecycleBuilder churn, string table) => churn
        .DefineProblem(problem => problem
            .BinaryClassification(label: "churn", positive: "Yes")
            .Objective("Call the customers who are about to leave before they leave")
            .Cost(falsePositive: 20, falseNegative: 100)
            .Owner("retention-team"))
        .CollectData(data => data.FromCsv(table))
        .ProcessData(data => data.DropDuplicates().Split(test: 0.2))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.75))
        .ExploreData(explore => explore.Hypothesis(
            "Month-to-month customers leave more often", rows => rows.Rate("churn", "Yes").IsHigherWhere("contract", "Month-to-month")))
        .EngineerFeatures(features => features
            .Numeric(["tenure", "monthly_charges", "total_charges"])
            .OneHot(["contract", "internet_service", "payment_method"]))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 3).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring
            .DataDrift().PredictionDrift()
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback)));
}
