// begin-snippet: lifecycle-tests
using MlOps.Sdk;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace Acme;

public sealed class ChurnLifecycleTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-tests-").FullName;

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Define_TheWholeLifecycle_HasNoMistake()
    {
        var churn = LifecycleBuilder.Create(ChurnLifecycle.Name);
        ChurnLifecycle.Define(churn, "not-read-yet.csv");

        Assert.DoesNotThrow(() => churn.Build()); // lists all mistakes at once
    }

    [Test]
    public async Task Run_ATableOfTheWarehouse_GivesAModelThatAnswersAsExpected()
    {
        await using var workspace = await Workspace.OpenAsync(Path.Combine(_folder, "workspace"));
        var churn = LifecycleBuilder.Create(ChurnLifecycle.Name);
        ChurnLifecycle.Define(churn, Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv"));

        var run = await churn.Build().RunAsync(workspace);

        Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(run.Processing!.QuarantinedRows, Is.Zero);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        var endpoint = workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
        var newcomer = new Customer(0, Tenure: 1, MonthlyCharges: 90, "Month-to-month", "Fiber optic");
        var regular = newcomer with { Tenure = 70, Contract = "Two year" };
        Assert.That(
            endpoint.Predict(newcomer).Value.Probability, Is.GreaterThan(endpoint.Predict(regular).Value.Probability + 0.3));
    }
}
// end-snippet
