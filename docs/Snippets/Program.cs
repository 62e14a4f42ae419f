// begin-snippet: program
using MlOps.Sdk;

if (args is not [var csv, ..])
{
    Console.WriteLine("Usage: dotnet run -- data/telco-churn.csv [workspace]");
    return 1;
}

await using var workspace = await Workspace.OpenAsync(args.Length > 1 ? args[1] : ".mlops"); // SQLite and files, created when missing

var lifecycle = LifecycleBuilder.Create("customer-churn")
    .DefineProblem(problem => problem
        .BinaryClassification(label: "churn", positive: "Yes")
        .Cost(falsePositive: 20, falseNegative: 100) // gives the decision threshold, chosen out of fold
        .Protect("female"))
    .CollectData(data => data.FromCsv(csv))
    .ProcessData(data => data
        .DropDuplicates()
        .Expect(rows => rows.Column("tenure").Between(0, 120))
        .Split(test: 0.2)) // by keyed hash: a row never changes sides
    .DefineMetrics(metrics => metrics
        .Optimize(Metric.RocAuc, atLeast: 0.75)
        .Guard(Fairness.EqualOpportunityDifference("female"), atMost: 0.15))
    .ExploreData(explore => explore
        .Hypothesis(
            "Month-to-month customers leave more often",
            rows => rows.Rate("churn", "Yes").IsHigherWhere("contract", "Month-to-month")))
    .EngineerFeatures(features => features
        .Numeric(["tenure", "monthly_charges"])
        .OneHot(["contract", "internet_service"])
        .Observe("female")) // recorded for the bias monitor, never scored
    .TrainModel(training => training
        .Try(Trainers.LogisticRegression())
        .Try(
            Trainers.GradientBoosting(options => options.Trees = 60),
            search => search.LogUniform(GradientBoosting.LearningRate, 0.02, 0.2).Integer(GradientBoosting.Leaves, 4, 16))
        .Try(MicrosoftML.FastTree(options => options.Trees = 60)) // trainers of ML.NET compete on the same folds
        .Try(MicrosoftML.LbfgsLogisticRegression())
        .CrossValidate(folds: 5).Trials(3))
    .DeployModel(deployment => deployment.ToProcess())
    .MonitorModel(monitoring => monitoring.DataDrift().PredictionDrift().Bias("female"))
    .Build(); // reports every mistake at once

var run = await lifecycle.RunAsync(workspace);
Console.WriteLine(
    $"{run.Training!.Trainer}: ROC AUC {run.Deployment!.Holdout["roc_auc"].Value:0.000} on {run.Deployment.HoldoutRows:N0} held-out " +
    $"rows. {run.Deployment.Reason}");
Console.WriteLine(run.Exploration!.Hypotheses[0].Sentence);

var endpoint = workspace.Endpoint<Customer, ChurnPrediction>("customer-churn");
var answer = endpoint.Predict(
    new Customer(Female: 1, Tenure: 2, MonthlyCharges: 95.5, Contract: "Month-to-month", InternetService: "Fiber optic"));
Console.WriteLine(
    $"Leaves with probability {answer.Value.Probability:0.00}, call: " +
    $"{answer.Value.ShouldCall} (version {answer.Version}, prediction {answer.Id})");
return 0;

internal sealed record Customer(int Female, int Tenure, double MonthlyCharges, string Contract, string InternetService);

internal readonly record struct ChurnPrediction(double Probability, bool ShouldCall);
// end-snippet
