using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Problem;

namespace RegulatedCredit;

/// <summary>The lifecycle: what is decided, for whom, at what risk, and who must agree before a version answers.</summary>
internal static class CreditLifecycle
{
    public const string Name = "credit-review";

    /// <param name="data">The folder of the tables.</param>
    /// <param name="withPrice">Whether the model sees the interest rate and the grade that the pricing desk gave the loan.</param>
    public static Lifecycle Build(string data, bool withPrice) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem
            .BinaryClassification(label: "Class", positive: "bad")
            .Objective("Send loans that are likely to default to a manual review before they are paid out")
            .Baseline("Today every twentieth loan is reviewed at random")
            .Cost(falsePositive: 50, falseNegative: 1_000)
            .Owner("credit-risk").Risk(RiskLevel.High).Protect("region"))
        .CollectData(collect => collect.FromCsv(Path.Combine(data, "lending-club.csv")))
        .ProcessData(process => process
            .Join(DataSources.Csv(Path.Combine(data, "us-regions.csv")), on: ["addr_state"])
            .Expect(rows => rows.Column("region").NotNull())
            .Expect(rows => rows.Column("annual_inc").Between(0, 10_000_000))
            .Drop("addr_state") // a state tells its region
            .DropDuplicates()
            .Split(test: 0.3))
        .DefineMetrics(metrics => metrics
            .Optimize(Metric.RocAuc, atLeast: 0.60)
            .Guard(Fairness.DemographicParityDifference("region"), atMost: 0.15)
            .Report(Metric.PrAuc, Metric.Brier, Metric.Precision, Metric.Recall))
        .ExploreData(explore => explore
            .Hypothesis("Long loans default more often", rows => rows.Rate("Class", "bad").IsHigherWhere("term", "term_60")))
        .EngineerFeatures(features => features
            .Auto(except: withPrice ? ["region"] : ["region", "int_rate", "sub_grade"])
            .Observe("region"))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 5).Trials(0))
        .DeployModel(deployment => deployment
            .ToProcess()
            .RequireApproval(approval => approval
                .By(Desk.RiskOfficer)
                .By(Desk.ModelValidator) // two roles, two people
                .ExpiresAfter(TimeSpan.FromDays(14))
                .AlsoForRollback()))
        .MonitorModel(monitoring => monitoring.DataDrift().PredictionDrift().Bias("region"))
        .Build();
}
