using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>
/// The disk of a workspace has no room: whoever writes is told so, what was acknowledged stays, and work goes on when there is room again.
/// </summary>
[TestFixture]
public sealed class FullDiskTests
{
    private const string Full = "full";

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder["workspace"]);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task TrackedRun_DiskGetsFull_TellsAndKeepsWhatWasAcknowledgedAndGoesOn()
    {
        await using var run = await _workspace.StartRunAsync("notebook");
        await run.LogParameterAsync("before", 1);
        run.LogMetric("loss", 0.5, 1);
        await run.FlushAsync();
        await FillAsync();

        var kept = 0;
        MlOpsException? refused = null;
        for (; refused is null && kept < 10_000; kept++)
        {
            try
            {
                await run.SetTagAsync(string.Create(CultureInfo.InvariantCulture, $"tag-{kept}"), new string('x', 500));
            }
            catch (MlOpsException e)
            {
                refused = e;
            }
        }

        Assert.That(refused?.Message, Does.Contain(Full));
        var (id, acknowledged) = (run.Id, kept - 1);
        Assert.That((await _workspace.Runs.DetailsAsync(id)).Tags, Has.Count.EqualTo(acknowledged));
        run.LogMetric("loss", 0.25, 2);
        await EmptyAsync();
        await run.FlushAsync();
        await run.SetTagAsync("after", "1");
        await run.CompleteAsync();
        var details = await _workspace.Runs.DetailsAsync(id);
        Assert.Multiple(() =>
        {
            Assert.That(details.Run.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(details.Parameters, Does.ContainKey("before"));
            Assert.That(details.Tags, Has.Count.EqualTo(acknowledged + 1).And.ContainKey("after"));
            Assert.That(details.Metrics["loss"], Is.EqualTo(0.25));
        });
    }

    [Test]
    public async Task Run_DiskIsFull_FailsAndCanBeResumedWhenThereIsRoom()
    {
        var lifecycle = SampleLifecycle.Begin().Deployed().Build();
        var first = await lifecycle.RunAsync(_workspace);
        await FillAsync();

        // Another seed of rows, so that nothing can be reused.
        var other = SampleLifecycle.Begin(Subscriber.Draw(1_200, seed: 9)).Deployed().Build();
        Assert.That(async () => await other.RunAsync(_workspace), Throws.InstanceOf<MlOpsException>().With.Message.Contains(Full));

        await EmptyAsync();
        var live = await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion);
        Assert.That(live!.Version, Is.EqualTo(first.Deployment!.Version));
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
        var latest = (await _workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        var ended = latest.Id == first.Id ? await other.RunAsync(_workspace) : await other.ResumeAsync(_workspace, latest.Id);
        Assert.That(ended.State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task Rollback_DiskIsFull_LeavesTheLiveVersion()
    {
        var (first, _) = await BlessedModels.CreateTwoAsync(_workspace);
        var model = first.Version.Model;
        await FillAsync();
        Exception? refused = null;
        for (var i = 0; i < 200 && refused is null; i++)
        {
            // There and back until the last page is taken.
            try
            {
                await _workspace.Models.RollbackAsync(model, new string('r', 900), version: i % 2 == 0 ? 1 : 2);
            }
            catch (MlOpsException e)
            {
                refused = e;
            }
        }

        Assert.That(refused?.Message, Does.Contain(Full));
        await EmptyAsync();
        var live = (await _workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion))!.Version;
        var history = await _workspace.Models.AliasHistoryAsync(model, ModelRegistry.Champion);
        Assert.That(history[0].Version, Is.EqualTo(live));
        await _workspace.Models.RollbackAsync(model, "there is room again", version: live == 1 ? 2 : 1);
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    // SQLite answers as on a full disk when the file may not grow: the limit is one of the connection that writes.
    private Task FillAsync() => LimitAsync("(SELECT page_count + 4 FROM pragma_page_count)");

    private Task EmptyAsync() => LimitAsync("4294967294");

    private Task LimitAsync(string pages) => _workspace.Store.WriteAsync(connection =>
    {
        using var count = connection.CreateCommand();
        count.CommandText = $"SELECT {pages}";
        var limit = Convert.ToInt64(count.ExecuteScalar(), CultureInfo.InvariantCulture);
        using DbCommand set = connection.CreateCommand();
        set.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {limit}");
        set.ExecuteScalar();
    });
}
