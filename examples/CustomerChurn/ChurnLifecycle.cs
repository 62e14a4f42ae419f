using MlOps.Sdk;
using MlOps.Sdk.Problem;

namespace CustomerChurn;

/// <summary>The lifecycle: nine stages, from the question to a model that watches itself.</summary>
internal static class ChurnLifecycle
{
    public const string Name = "customer-churn";

    public static Lifecycle Build(string table) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem
            .BinaryClassification(label: "churn", positive: "Yes")
            .Objective("Call the customers who are about to leave before they leave")
            .Baseline("Today every tenth customer is called at random")
            .Cost(falsePositive: 20, falseNegative: 100)
            .Owner("retention-team").Risk(RiskLevel.Limited).Protect("female", "senior_citizen"))
        .CollectData(data => data.FromCsv(table))
        .ProcessData(data => data
            .DropDuplicates()
            .Expect(rows => rows.Column("tenure").Between(0, 120))
            .Expect(rows => rows.Column("contract").In("Month-to-month", "One year", "Two year"))
            .Split(test: 0.2))
        .DefineMetrics(metrics => metrics
            .Optimize(Metric.RocAuc, atLeast: 0.80)
            .Guard(Fairness.EqualOpportunityDifference("female"), atMost: 0.15)
            .Report(Metric.PrAuc, Metric.LogLoss, Metric.Brier, Metric.Precision, Metric.Recall, Metric.F1))
        .ExploreData(explore => explore
            .Hypothesis("Month-to-month customers leave more often", rows =>
                rows.Rate("churn", "Yes").IsHigherWhere("contract", "Month-to-month"))
            .Hypothesis("Those who leave pay more", rows => rows.Mean("monthly_charges").DiffersBetween("churn"))
            .Hypothesis("Women leave more often", rows => rows.Rate("churn", "Yes").IsHigherWhere("female", "1")))
        .EngineerFeatures(features => features.Auto().Observe("female", "senior_citizen"))
        .TrainModel(training => training
            .Try(Trainers.Baseline())
            .Try(Trainers.LogisticRegression(), search => search.LogUniform(LogisticRegression.L2, 0.01, 100))
            .Try(Trainers.GradientBoosting(), search => search
                .LogUniform(GradientBoosting.LearningRate, 0.02, 0.2)
                .Integer(GradientBoosting.Leaves, 4, 24)
                .Integer(GradientBoosting.Trees, 40, 200)
                .Integer(GradientBoosting.MinLeafRows, 10, 80))
            .Try(MicrosoftML.FastTree(options => options.Trees = 60)) // ML.NET's trainers compete on the same folds
            .Try(MicrosoftML.LbfgsLogisticRegression())
            .CrossValidate(folds: 5).Trials(24))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring
            .DataDrift().PredictionDrift().Bias("female")
            .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), cooldown: TimeSpan.FromDays(1)))
        .Build();
}
