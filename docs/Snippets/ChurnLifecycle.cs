// begin-snippet: lifecycle-class
using MlOps.Sdk;

namespace Acme;

internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    public static void Define(LifecycleBuilder churn, string csv) => churn
        .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes").Cost(falsePositive: 20, falseNegative: 100))
        .CollectData(data => data.FromCsv(csv))
        .ProcessData(data => data.DropDuplicates().Split(test: 0.2))
        .EngineerFeatures(features => features
            .Numeric(["tenure", "monthly_charges"])
            .OneHot(["contract", "internet_service"])
            .Observe("female"))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring
            .DataDrift().PredictionDrift().Bias("female")
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), cooldown: TimeSpan.FromDays(1)));
}
// end-snippet
