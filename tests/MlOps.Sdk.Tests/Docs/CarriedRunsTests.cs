using Acme;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Exchange;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
[NonParallelizable]
public sealed class CarriedRunsTests
{
    [Test]
    public async Task CarriedRuns_Snippets_ArriveElsewhere()
    {
        using var folder = new TempFolder();
        await using var source = await TemporaryWorkspace.OpenAsync();
        await using var target = await TemporaryWorkspace.OpenAsync();
        await using var server = new FakeMlflow();
        var id = await TrackedExperiments.TryAsync(
            source.Workspace, Dataset.FromBatches(new Schema([new Field("x", ColumnType.Number)]), []), default);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(source.Workspace);
        Environment.SetEnvironmentVariable("MLFLOW_AUTHORIZATION", "Bearer of-a-test");
        try
        {
            Assert.That((await CarriedRuns.SendAsync(source.Workspace, server.Address)).Created, Is.EqualTo(1));
        }
        finally
        {
            Environment.SetEnvironmentVariable("MLFLOW_AUTHORIZATION", null);
        }
        Assert.That(server.OfRun(id).Parameters, Has.Count.EqualTo(2));
        Assert.That(server.Requests.Select(request => request.Headers["Authorization"]), Is.All.EqualTo("Bearer of-a-test"));

        Assert.That(
            async () => await CarriedRuns.ExportAsync(source.Workspace, folder["churn.mlops"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no model 'customer-churn'"));
        await source.Workspace.ExportArchiveAsync(folder["churn.mlops"]);
        var imported = await CarriedRuns.ImportAsync(target.Workspace, folder["churn.mlops"]);
        Assert.That((imported.Versions.Count, imported.Conflicts.Count), Is.EqualTo((1, 0)));
    }
}
