using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunTrackerTests : StoreFixture
{
    private static readonly RunStart Start = new("churn", [LifecycleStage.Collection, LifecycleStage.Training], 42);

    private RunHistory _history = null!;

    [SetUp]
    public void Open() => _history = new RunHistory(Store, () => "tester");

    [Test]
    public async Task StartAsync_NewRun_IsRunningWithPendingStages()
    {
        await using var tracker = await StartAsync();
        var run = await _history.GetAsync(tracker.RunId);
        Assert.That(
            (run.Lifecycle, run.State, run.StartedAt, run.EndedAt, run.Seed, run.Cause),
            Is.EqualTo(("churn", RunState.Running, Clock.GetUtcNow(), (DateTimeOffset?)null, 42L, "manual")));
        Assert.That(
            run.Stages.Select(s => (s.Stage, s.State)),
            Is.EqualTo(new[] { (LifecycleStage.Collection, StageState.Pending), (LifecycleStage.Training, StageState.Pending) }));
    }

    [Test]
    public async Task StageEndedAsync_StoreOfArtifactsIsSlow_KeepsNoWriterWaiting()
    {
        await using var tracker = await StartAsync();
        await tracker.StageStartedAsync(LifecycleStage.Training, "f", "first run");
        var asked = 0;

        await tracker.StageEndedAsync(
            LifecycleStage.Training,
            StageState.Succeeded,
            new Dictionary<string, ArtifactId> { ["model"] = ArtifactId.Of("model"u8) },
            isStored: async (_, token) =>
                await Store.WriteAsync(connection => ++asked, token).WaitAsync(TimeSpan.FromSeconds(30), token) == 1);

        Assert.That(asked, Is.EqualTo(1));
    }

    [Test]
    public async Task CompleteAsync_WholeRun_IsRecorded()
    {
        var artifact = ArtifactId.Of("model"u8);
        await using var tracker = await StartAsync();
        await tracker.StagePassedAsync(LifecycleStage.Collection, StageState.Reused, "f1", "nothing changed since run x");
        await tracker.StageStartedAsync(LifecycleStage.Training, "f2", "the seed changed");
        Clock.Advance(TimeSpan.FromSeconds(3));
        await tracker.StageEndedAsync(
            LifecycleStage.Training,
            StageState.Succeeded,
            new Dictionary<string, ArtifactId> { ["model"] = artifact },
            inputs: [("seed", "42")]);
        await tracker.CompleteAsync(RunState.Succeeded);

        var run = await _history.GetAsync(tracker.RunId);
        Assert.That(
            (run.State, run.EndedAt, run.Error),
            Is.EqualTo((RunState.Succeeded, (DateTimeOffset?)Clock.GetUtcNow(), (string?)null)));
        Assert.That((run.Stages[0].State, run.Stages[0].Reason), Is.EqualTo((StageState.Reused, "nothing changed since run x")));
        Assert.That(
            (run.Stages[1].State, run.Stages[1].Elapsed, run.Stages[1].Fingerprint),
            Is.EqualTo((StageState.Succeeded, (TimeSpan?)TimeSpan.FromSeconds(3), "f2")));
        Assert.That(run.Stages[1].Outputs["model"], Is.EqualTo(artifact));
        Assert.That(await Store.ReadAsync(c => ArtifactRefTable.IsReferenced(c, artifact)), Is.True);
        Assert.That(
            (await new StageResults(Store).FindStageResultAsync("churn", LifecycleStage.Training, "f2"))!.RunId,
            Is.EqualTo(tracker.RunId));
    }

    [Test]
    public async Task StageEndedAsync_Failed_KeepsNoResultForReuse()
    {
        await using var tracker = await StartAsync();
        await tracker.StageStartedAsync(LifecycleStage.Training, "f", "first run");
        await tracker.StageEndedAsync(LifecycleStage.Training, StageState.Failed, error: "no rows", inputs: [("seed", "42")]);
        await tracker.CompleteAsync(RunState.Failed, "no rows");
        var run = await _history.GetAsync(tracker.RunId);
        Assert.That(
            (run.State, run.Error, run.Stages[1].State, run.Stages[1].Error),
            Is.EqualTo((RunState.Failed, "no rows", StageState.Failed, "no rows")));
        Assert.That(await new StageResults(Store).FindStageResultAsync("churn", LifecycleStage.Training, "f"), Is.Null);
    }

    [Test]
    public async Task CompleteAsync_ImpossibleStateOrTwice_Throws()
    {
        await using var tracker = await StartAsync();
        Assert.That(async () => await tracker.CompleteAsync(RunState.Running), Throws.TypeOf<ArgumentOutOfRangeException>());
        await tracker.CompleteAsync(RunState.Cancelled);
        Assert.That(
            async () => await tracker.CompleteAsync(RunState.Succeeded),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has ended"));
        Assert.That(() => tracker.LogMetric("x", 1), Throws.TypeOf<MlOpsException>().With.Message.Contains(tracker.RunId));
        Assert.That((await _history.GetAsync(tracker.RunId)).State, Is.EqualTo(RunState.Cancelled));
    }

    [Test]
    public async Task DisposeAsync_BeforeTheEnd_LeavesTheRunInterrupted()
    {
        string id;
        await using (var tracker = await StartAsync())
        {
            id = tracker.RunId;
            await tracker.StageStartedAsync(LifecycleStage.Collection, "f", "first run");
            tracker.LogMetric("loss", 1);
        }

        var run = await _history.GetAsync(id);
        Assert.That((run.State, run.Stages[0].State), Is.EqualTo((RunState.Interrupted, StageState.Failed)));
        Assert.That(await _history.MetricsAsync(id), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task DisposeAsync_EndCannotBeWritten_RunIsGivenUpInThisProcess()
    {
        string id;
        await using (var tracker = await StartAsync())
        {
            id = tracker.RunId;
            Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Running));
            await Store.WriteAsync(connection => { connection.Execute(
                "CREATE TRIGGER full BEFORE UPDATE OF state ON runs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"); });
            Assert.That(async () => await tracker.CompleteAsync(RunState.Failed), Throws.TypeOf<MlOpsException>());
        }

        Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Interrupted));
        await Store.WriteAsync(connection => { connection.Execute("DROP TRIGGER full"); });
        await using var resumed = await RunTracker.ResumeAsync(Store, NullLogger.Instance, id);
        Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Running));
        await resumed.CompleteAsync(RunState.Succeeded);
    }

    [Test]
    public async Task Heartbeat_WhileTheClockRuns_KeepsTheLease()
    {
        await using var tracker = await StartAsync();
        var before = await LeaseAsync();
        for (var i = 0; i < 6; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            // The beat is written in the background; a write of ours is queued behind it, at the latest the one after.
            var deadline = System.Diagnostics.Stopwatch.StartNew();
            while (await LeaseAsync() < (Clock.GetUtcNow() + RunOwner.Lease).UtcTicks && deadline.Elapsed < TimeSpan.FromSeconds(10))
            {
                await Store.WriteAsync(_ => { });
            }
        }

        Assert.That(await LeaseAsync(), Is.EqualTo(before + TimeSpan.FromSeconds(60).Ticks));
        Assert.That((await _history.GetAsync(tracker.RunId)).State, Is.EqualTo(RunState.Running));
    }

    [Test]
    public async Task GetAsync_LeaseOfAnotherMachineExpires_IsInterrupted()
    {
        var id = await InsertForeignAsync(RunOwner.Current with { Machine = "elsewhere" });
        Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Running));
        Clock.Advance(RunOwner.Lease);
        Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Interrupted));
    }

    [Test]
    public async Task GetAsync_ProcessIdWasGivenToAnotherProcess_IsInterrupted()
    {
        var id = await InsertForeignAsync(RunOwner.Current with { ProcessStart = RunOwner.Current.ProcessStart - 1 });
        Assert.That((await _history.GetAsync(id)).State, Is.EqualTo(RunState.Interrupted));
    }

    [Test]
    public async Task GetAsync_ProcessIsKilled_IsInterruptedAtOnceAndResumable()
    {
        await using var clockStore = await RelationalStore.OpenAsync(DatabasePath, TimeProvider.System, NullLogger.Instance);
        var history = new RunHistory(clockStore, () => "tester");
        string id;
        using (var host = HostProcess.Start("start-run", DatabasePath))
        {
            id = await host.ReadLineAsync();
            Assert.That((await history.GetAsync(id)).State, Is.EqualTo(RunState.Running));
            Assert.That(
                async () => await RunTracker.ResumeAsync(clockStore, NullLogger.Instance, id),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("being worked on"));
            await host.KillAsync();
        }

        var run = await history.GetAsync(id);
        Assert.That(run.State, Is.EqualTo(RunState.Interrupted));
        Assert.That(run.Stages.Select(s => s.State), Is.EqualTo(new[] { StageState.Succeeded, StageState.Failed }));
        Assert.That((await history.MetricsAsync(id)).Single().Value, Is.EqualTo(0.5));

        await using var tracker = await RunTracker.ResumeAsync(clockStore, NullLogger.Instance, id);
        run = await history.GetAsync(id);
        Assert.That((tracker.RunId, run.State), Is.EqualTo((id, RunState.Running)));
        Assert.That(run.Stages.Select(s => s.State), Is.EqualTo(new[] { StageState.Succeeded, StageState.Pending }));
        await tracker.CompleteAsync(RunState.Succeeded);
        Assert.That((await history.GetAsync(id)).State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task ResumeAsync_SucceededOrUnknown_IsRefused()
    {
        await using var tracker = await StartAsync();
        await tracker.CompleteAsync(RunState.Succeeded);
        Assert.That(
            async () => await RunTracker.ResumeAsync(Store, NullLogger.Instance, tracker.RunId),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("has succeeded"));
        Assert.That(
            async () => await RunTracker.ResumeAsync(Store, NullLogger.Instance, "none"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no run"));
    }

    [Test]
    public async Task ResumeAsync_OwnerWasOnlySilent_TheOldOneCanWriteNothingMore()
    {
        await using var old = await StartAsync();
        await Store.WriteAsync(c => { c.Execute("UPDATE runs SET lease_until = 0"); });
        await using var taker = await RunTracker.ResumeAsync(Store, NullLogger.Instance, old.RunId);
        Assert.That(
            async () => await old.StageStartedAsync(LifecycleStage.Training, "old", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("taken over"));
        Assert.That(old.OwnershipLost.IsCancellationRequested, Is.True);
        Assert.That(async () => await old.CompleteAsync(RunState.Succeeded), Throws.TypeOf<MlOpsException>());
        await old.DisposeAsync();
        var run = await _history.GetAsync(old.RunId);
        Assert.That((run.State, run.Stages[1].State), Is.EqualTo((RunState.Running, StageState.Pending)));
        await taker.CompleteAsync(RunState.Succeeded);
    }

    [Test]
    public async Task LogMetric_FarMoreThanTheBufferHolds_LosesNothing()
    {
        await using var tracker = await StartAsync();
        const int Threads = 4, Each = 30_000;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++) tracker.LogMetric("m" + t.ToString(System.Globalization.CultureInfo.InvariantCulture), i, i);
        })));
        await tracker.CompleteAsync(RunState.Succeeded);
        Assert.That(await Store.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM run_metrics")), Is.EqualTo(Threads * Each));
        var series = await _history.MetricsAsync(tracker.RunId, "m3");
        Assert.That(series.Select(m => m.Value), Is.EqualTo(Enumerable.Range(0, Each).Select(i => (double)i)));
        Assert.That((await _history.SearchAsync("metrics.m1 exists")).Single().Metrics["m1"], Is.EqualTo(Each - 1));
    }

    [Test]
    public async Task LogMetric_OnTheCallersSide_AllocatesNothing()
    {
        await using var tracker = await StartAsync();
        tracker.LogMetric("loss", 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5000; i++) tracker.LogMetric("loss", i, i);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public async Task LogMetric_DiskFull_KeepsValuesAndWritesThemLater()
    {
        await using var tracker = await StartAsync();
        tracker.LogMetric("first", 1);
        await tracker.FlushAsync();
        await Store.WriteAsync(c => { c.Execute($"PRAGMA max_page_count = {c.ExecuteScalar<long>("PRAGMA page_count")}"); });
        for (var i = 0; i < 5000; i++) tracker.LogMetric("loss", i, i);
        Assert.That(async () => await tracker.FlushAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("full"));
        await Store.WriteAsync(c => { c.Execute("PRAGMA max_page_count = 1000000"); });
        await tracker.CompleteAsync(RunState.Succeeded);
        Assert.That(await _history.MetricsAsync(tracker.RunId, "loss"), Has.Count.EqualTo(5000));
    }

    [Test]
    public async Task LogParameterAsync_Twice_TheLastWins()
    {
        await using var tracker = await StartAsync();
        await tracker.LogParameterAsync("leaves", "31");
        await tracker.LogParameterAsync("rate", "0.1");
        await tracker.LogParameterAsync("leaves", "63");
        Assert.That(
            await _history.ParametersAsync(tracker.RunId),
            Is.EqualTo(new Dictionary<string, string> { ["leaves"] = "63", ["rate"] = "0.1" }));
    }

    private Task<RunTracker> StartAsync() => RunTracker.StartAsync(Store, NullLogger.Instance, Start);

    private Task<long> LeaseAsync() => Store.ReadAsync(c => c.ExecuteScalar<long>("SELECT lease_until FROM runs"));

    private async Task<string> InsertForeignAsync(RunOwner owner)
    {
        await Store.WriteAsync(connection => RunTable.Insert(connection, new RunRow
        {
            Id = "foreign",
            Lifecycle = "churn",
            State = "Running",
            StartedAt = Clock.GetUtcNow().UtcTicks,
            Cause = "manual",
            OwnerToken = "t",
            OwnerMachine = owner.Machine,
            OwnerProcess = owner.ProcessId,
            OwnerStarted = owner.ProcessStart,
            LeaseUntil = (Clock.GetUtcNow() + RunOwner.Lease).UtcTicks,
        }));
        return "foreign";
    }
}
