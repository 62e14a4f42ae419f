using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>
/// The database of a workspace takes no writes, because its disk is full or it may only be read: whoever writes is told so, reads go on,
/// what was acknowledged stays, and the same workspace goes on when it may be written again.
/// </summary>
[TestFixture("The disk is full", "Free some space")]
[TestFixture(ReadOnly, "Check the permissions of the file and its folder, and that the disk is not mounted read-only")]
public sealed class RefusedWritesTests(string problem, string remedy)
{
    private const string ReadOnly = "The database file cannot be written";
    private const string Role = "risk-officer";

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private SqliteConnection _writer = null!;
    private TaskCompletionSource _logNotWritten = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _logNotWritten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _workspace = await Workspace.OpenAsync(_folder["workspace"], options =>
        {
            options.Actor = "officer";
            options.Roles.Add(Role);
            options.LoggerFactory = new LogWatcher(entry =>
            {
                if (entry.Id == 2060) _logNotWritten.TrySetResult();
            });
        });
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task TrackedRun_WritesAreRefused_KeepsWhatWasAcknowledgedAndGoesOn()
    {
        await using var run = await _workspace.StartRunAsync("notebook");
        await run.LogParameterAsync("before", 1);
        run.LogMetric("loss", 0.5, 1);
        await run.FlushAsync();
        await RefuseAsync();

        var kept = await RepeatUntilRefusedAsync(
            i => run.SetTagAsync(string.Create(CultureInfo.InvariantCulture, $"tag-{i}"), new string('x', 500)));

        var meanwhile = await _workspace.Runs.DetailsAsync(run.Id);
        Assert.That(meanwhile.Tags, Has.Count.EqualTo(kept));
        Assert.That(meanwhile.Parameters, Does.ContainKey("before"));
        Assert.That(await _workspace.Runs.SearchAsync("metrics.loss = 0.5"), Has.Count.EqualTo(1));
        run.LogMetric("loss", 0.25, 2);
        Accept();
        await run.FlushAsync();
        await run.SetTagAsync("after", "1");
        await run.CompleteAsync();
        var details = await _workspace.Runs.DetailsAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(details.Run.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(details.Parameters, Does.ContainKey("before"));
            Assert.That(details.Tags, Has.Count.EqualTo(kept + 1).And.ContainKey("after"));
            Assert.That(details.Metrics["loss"], Is.EqualTo(0.25));
        });
    }

    [Test]
    public async Task RunLog_WritesAreRefused_KeepsTheMessagesUntilTheyAreTaken()
    {
        var run = await _workspace.StartRunAsync("notebook");
        await RefuseAsync();
        await RepeatUntilRefusedAsync(i => run.AddNoteAsync(new string('x', 900)));
        for (var i = 0; i < 10; i++) run.Logger.LogWarning("said while nothing could be written {Text}", new string('y', 3_000));

        await _logNotWritten.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.That((await _workspace.Runs.LogAsync(run.Id)).Entries, Is.Empty);

        Accept();
        await run.CompleteAsync();
        await run.DisposeAsync();
        var said = (await _workspace.Runs.LogAsync(run.Id)).Entries.Select(entry => entry.Message).ToList();
        Assert.That(said, Has.Count.EqualTo(10).And.All.StartsWith("said while nothing could be written"));
    }

    [Test]
    public async Task Run_WritesAreRefused_FailsAndCanBeResumed()
    {
        var lifecycle = SampleLifecycle.Begin().Deployed().Build();
        var first = await lifecycle.RunAsync(_workspace);
        await RefuseAsync();

        // Another seed of rows, so that nothing can be reused.
        var other = SampleLifecycle.Begin(Subscriber.Draw(1_200, seed: 9)).Deployed().Build();
        Require(await Assert.CatchAsync<MlOpsException>(() => other.RunAsync(_workspace)));
        Assert.That(
            (await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version,
            Is.EqualTo(first.Deployment!.Version));

        Accept();
        var live = await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion);
        Assert.That(live!.Version, Is.EqualTo(first.Deployment!.Version));
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
        var latest = (await _workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        var ended = latest.Id == first.Id ? await other.RunAsync(_workspace) : await other.ResumeAsync(_workspace, latest.Id);
        Assert.That(ended.State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task Rollback_WritesAreRefused_LeavesTheLiveVersion()
    {
        var (first, _) = await BlessedModels.CreateTwoAsync(_workspace);
        var model = first.Version.Model;
        await RefuseAsync();

        // There and back until the last page is taken.
        var moves = await RepeatUntilRefusedAsync(
            i => _workspace.Models.RollbackAsync(model, new string('r', 900), version: i % 2 == 0 ? 1 : 2));

        var live = (await _workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion))!.Version;
        Assert.That(live, Is.EqualTo(moves % 2 == 0 ? 2 : 1));
        Accept();
        var history = await _workspace.Models.AliasHistoryAsync(model, ModelRegistry.Champion);
        Assert.That(history[0].Version, Is.EqualTo(live));
        Assert.That(history.Count(move => move.Reason?.StartsWith("rrr", StringComparison.Ordinal) == true), Is.EqualTo(moves));
        await _workspace.Models.RollbackAsync(model, "it may be written again", version: live == 1 ? 2 : 1);
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task Approval_WritesAreRefused_DecidesNothingUntilItIsTaken()
    {
        var lifecycle = SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().RequireApproval(approval => approval.By(Role))).Build();
        long request;
        await using (var author = await Workspace.OpenAsync(_folder["workspace"], options => options.Actor = "author"))
        {
            request = (await lifecycle.RunAsync(author)).Deployment!.AwaitsApproval!.Value;
        }
        await using var run = await _workspace.StartRunAsync("filler");
        await RefuseAsync();
        await RepeatUntilRefusedAsync(i => run.AddNoteAsync(new string('x', 900)));

        Require(await Assert.CatchAsync<MlOpsException>(() => _workspace.Approvals.ApproveAsync(request, new string('r', 900))));

        var pending = await _workspace.Approvals.GetAsync(request);
        Assert.That(pending.State, Is.EqualTo(ApprovalState.Pending));
        Assert.That(await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion), Is.Null);
        Accept();
        Assert.That((await _workspace.Approvals.ApproveAsync(request, "looked at")).State, Is.EqualTo(ApprovalState.Approved));
        var resumed = await lifecycle.ResumeAsync(_workspace, pending.Runs[0]);
        Assert.That(resumed.State, Is.EqualTo(RunState.Succeeded));
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task ImportAndExport_WritesAreRefused_TakeUpNothingAndCanBeRepeated()
    {
        var archive = _folder["runs.mlops"];
        await using (var source = await Workspace.OpenAsync(_folder["source"]))
        {
            await using var run = await source.StartRunAsync("elsewhere");
            for (var i = 0; i < 40; i++) await run.AddNoteAsync(new string('n', 900));
            await run.LogArtifactAsync("model.bin", new byte[] { 1, 2, 3 });
            await run.CompleteAsync();
            await source.ExportArchiveAsync(archive);
        }
        await using var own = await _workspace.StartRunAsync("own");
        await RefuseAsync();

        Require(await Assert.CatchAsync<MlOpsException>(() => _workspace.ImportArchiveAsync(archive)));
        Assert.That((await _workspace.Runs.ListAsync()).Select(run => run.Id), Is.EqualTo(new[] { own.Id }));
        await RefuseOrWriteAsync(() => _workspace.ExportArchiveAsync(_folder["own.mlops"]), _folder["own.mlops"]);

        Accept();
        await _workspace.ImportArchiveAsync(archive);
        Assert.That(await _workspace.Runs.ListAsync(), Has.Count.EqualTo(2));
        await _workspace.ExportArchiveAsync(_folder["again.mlops"]);
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task Backup_WritesAreRefused_LeavesNoHalfABackupAndCanBeRepeated()
    {
        await using (var run = await _workspace.StartRunAsync("notebook"))
        {
            await run.LogArtifactAsync("model.bin", new byte[] { 1, 2, 3 });
            await run.CompleteAsync();
        }
        await RefuseAsync();

        if (await RefuseOrWriteAsync(() => _workspace.BackupAsync(_folder["backup"]), _folder["backup"]))
        {
            await Workspace.VerifyBackupAsync(_folder["backup"]);
        }

        Accept();
        await _workspace.BackupAsync(_folder["again"]);
        Assert.That((await Workspace.VerifyBackupAsync(_folder["again"])).Artifacts, Is.EqualTo(1));
    }

    private void Require(MlOpsException? refused)
    {
        Assert.That(refused?.Problem, Does.Contain(problem));
        Assert.That(refused!.Remedy, Does.Contain(remedy));
        Assert.That(refused.ToString(), Does.Contain("mlops.db"));
    }

    /// <returns>How many were acknowledged.</returns>
    private async Task<int> RepeatUntilRefusedAsync(Func<int, Task> write)
    {
        for (var kept = 0; kept < 10_000; kept++)
        {
            try
            {
                await write(kept);
            }
            catch (MlOpsException e)
            {
                Require(e);
                return kept;
            }
        }

        throw new AssertionException("Nothing was refused.");
    }

    // What needs no room may succeed.
    private async Task<bool> RefuseOrWriteAsync(Func<Task> write, string path)
    {
        try
        {
            await write();
            return true;
        }
        catch (MlOpsException e)
        {
            Require(e);
            Assert.That(Directory.GetFileSystemEntries(_folder.Path, Path.GetFileName(path) + "*"), Is.Empty);
            return false;
        }
    }

    // SQLite answers as for a full disk or a file that may only be read: what decides it belongs to the connection that writes.
    private async Task RefuseAsync()
    {
        var pages = await _workspace.Store.WriteAsync(connection =>
        {
            _writer = connection;
            using var count = connection.CreateCommand();
            count.CommandText = "SELECT page_count + 4 FROM pragma_page_count";
            return Convert.ToInt64(count.ExecuteScalar(), CultureInfo.InvariantCulture);
        });
        Set(problem == ReadOnly ? "query_only = ON" : string.Create(CultureInfo.InvariantCulture, $"max_page_count = {pages}"));
    }

    private void Accept()
    {
        Set("query_only = OFF");
        Set("max_page_count = 4294967294");
    }

    private void Set(string pragma) => SqliteFile.Execute(_writer, $"PRAGMA {pragma}");
}
