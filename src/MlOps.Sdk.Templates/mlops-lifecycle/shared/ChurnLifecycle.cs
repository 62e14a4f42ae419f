using MlOps.Sdk;

namespace LifecycleApp;

/// <summary>What is predicted, from what, and what is good enough. Replace it by your problem, one stage after the other.</summary>
internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    public static void Define(LifecycleBuilder churn) => churn
        .DefineProblem(problem => problem
            .BinaryClassification(label: "churn", positive: "Yes")
            .Cost(falsePositive: 20, falseNegative: 100)) // gives the threshold from which a call is worth its cost
        .CollectData(data => data.FromCsv(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv")))
        .ProcessData(data => data
            .DropDuplicates()
            .Expect(rows => rows.Column("tenure").Between(0, 120))
            .Split(test: 0.2)) // a row never changes sides
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.75)) // a worse model does not go live
        .EngineerFeatures(features => features
            .Numeric(["tenure", "monthly_charges"])
            .OneHot(["contract", "internet_service"]))
        .TrainModel(training => training
            .Try(Trainers.LogisticRegression())
            .Try(Trainers.GradientBoosting(options => options.Trees = 60))
            .CrossValidate(folds: 3).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring
            .DataDrift().PredictionDrift()
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback)));
}
