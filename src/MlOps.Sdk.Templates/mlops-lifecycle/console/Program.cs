using LifecycleApp;
using MlOps.Sdk;

await using var workspace = await Workspace.OpenAsync(".mlops"); // SQLite and files, created when missing

var churn = LifecycleBuilder.Create(ChurnLifecycle.Name);
ChurnLifecycle.Define(churn);
var run = await churn.Build().RunAsync(workspace);
Console.WriteLine($"{run.Training!.Trainer}: {run.Deployment!.Holdout["roc_auc"]}. {run.Deployment.Reason}");

var endpoint = workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
var answer = endpoint.Predict(new Customer(Tenure: 2, MonthlyCharges: 95.5, Contract: "Month-to-month", InternetService: "Fiber optic"));
Console.WriteLine($"Leaves with probability {answer.Value.Probability:0.00}; call: {answer.Value.ShouldCall} (version {answer.Version})");
