using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What a start does while another run of the lifecycle is in progress.</summary>
[TestFixture]
public sealed class RunConcurrencyTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly RunOptions s_waits = new() { Concurrency = RunConcurrency.Wait };
    private static readonly RunOptions s_rejects = new() { Concurrency = RunConcurrency.Reject };

    [Test]
    public async Task Reject_WhileARunIsInProgress_NamesItAndRecordsNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await using var other = await Workspace.OpenAsync(folder.Path);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);

        var failure = await Assert.CatchAsync<RunInProgressException>(() => Plain().RunAsync(other, s_rejects));
        var allowed = await Plain().RunAsync(other);
        held.Continue.SetResult();
        var first = await running;
        var after = await Plain().RunAsync(other, s_rejects);

        Assert.Multiple(async () =>
        {
            Assert.That(
                (failure!.RunId, failure.ProcessId, failure.StartedAt),
                Is.EqualTo((first.Id, Environment.ProcessId, first.Record.StartedAt)));
            Assert.That(
                failure.Message, Does.Contain(first.Id).And.Contain($"process {Environment.ProcessId} on {failure.Machine} (since 20"));
            Assert.That((allowed.State, after.State), Is.EqualTo((RunState.Succeeded, RunState.Succeeded)));
            Assert.That(await other.Runs.ListAsync(), Has.Count.EqualTo(3));
        });
    }

    [Test]
    public async Task WaitAndReject_AllLeasesRanOut_LetNoSecondRunBegin()
    {
        // As after the sleep of the machine, before the heart beats again.
        using var folder = new TempFolder();
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = new FakeTimeProvider(now));
        var later = new FakeTimeProvider(now.AddHours(1));
        await using var other = await Workspace.OpenAsync(folder.Path, options => options.Time = later);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);
        await workspace.Store.WriteAsync(connection => WaitingStartTable.Insert(connection, new WaitingStartRow
        {
            Lifecycle = SampleLifecycle.Name,
            OwnerToken = "asleep",
            OwnerMachine = RunOwner.Current.Machine,
            OwnerProcess = RunOwner.Current.ProcessId,
            OwnerStarted = RunOwner.Current.ProcessStart,
        }));
        using var cancel = new CancellationTokenSource();

        var failure = await Assert.CatchAsync<RunInProgressException>(() => Plain().RunAsync(other, s_rejects));
        var waiting = Plain().RunAsync(other, s_waits, cancellationToken: cancel.Token);
        while (!waiting.IsCompleted && await CountPlacesAsync(workspace) < 2) await Task.Yield();
        var places = await CountPlacesAsync(workspace);
        await cancel.CancelAsync();

        Assert.That(async () => await waiting.WaitAsync(s_patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(places, Is.EqualTo(2), "who waited before keeps its place");
        held.Continue.SetResult();
        Assert.That((await running).Id, Is.EqualTo(failure!.RunId));
    }

    [Test]
    public async Task Wait_SeveralStarts_BeginInTheOrderInWhichTheyCame()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);
        var said = new ConcurrentQueue<string>();
        var waiting = new List<Task<LifecycleRun>>();
        for (var i = 0; i < 3; i++)
        {
            var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add(Plain().RunAsync(workspace, s_waits with { Cause = $"{i}" }, new Steps(step =>
            {
                if (step.Step != "waiting") return;
                said.Enqueue(step.Message!);
                waits.TrySetResult();
            })));
            await waits.Task.WaitAsync(s_patience);

            // Its place is taken right after it was said.
            while (await CountPlacesAsync(workspace) <= i) await Task.Yield();
        }
        Assert.That(waiting.Select(task => task.IsCompleted), Is.All.False);

        held.Continue.SetResult();
        var first = await running;
        await Task.WhenAll(waiting).WaitAsync(s_patience);

        var runs = await workspace.Runs.ListAsync();
        Assert.That(runs.Reverse().Select(run => run.Cause), Is.EqualTo(["manual", "0", "1", "2"]));
        Assert.That(said.First(), Is.EqualTo(
            $"The start waits for run '{first.Id}' of process {Environment.ProcessId} on {Environment.MachineName} " +
            $"(since {first.Record.StartedAt:u})."));
        Assert.That(await CountPlacesAsync(workspace), Is.Zero);
    }

    [Test]
    public async Task Wait_Cancelled_GivesItsPlaceUpAndRecordsNoRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);
        using var cancel = new CancellationTokenSource();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Plain().RunAsync(workspace, s_waits, new Steps(_ =>
        {
            waits.TrySetResult();
            throw new InvalidOperationException("Who watches fails.");
        }), cancel.Token);
        await waits.Task.WaitAsync(s_patience);

        await cancel.CancelAsync();

        Assert.That(async () => await waiting.WaitAsync(s_patience), Throws.InstanceOf<OperationCanceledException>());
        held.Continue.SetResult();
        await running;
        Assert.That(await CountPlacesAsync(workspace), Is.Zero);
        Assert.That(await workspace.Runs.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Wait_TheWorkspaceIsClosed_EndsWithIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var other = await Workspace.OpenAsync(folder.Path);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Plain().RunAsync(other, s_waits, new Steps(_ => waits.TrySetResult()));
        await waits.Task.WaitAsync(s_patience);

        await other.DisposeAsync();

        Assert.That(async () => await waiting.WaitAsync(s_patience), Throws.TypeOf<ObjectDisposedException>());
        var next = Plain().RunAsync(workspace, s_waits);
        held.Continue.SetResult();
        await running;
        Assert.That((await next.WaitAsync(s_patience)).State, Is.EqualTo(RunState.Succeeded), "the place that was left holds nobody up");
    }

    [Test]
    public async Task WaitAndReject_TheOtherProcessIsKilled_BeginAtOnce()
    {
        using var folder = new TempFolder();
        var csv = folder["data.csv"];
        await File.WriteAllTextAsync(csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(300, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        using var child = HostProcess.Start("run-until-training", folder["workspace"], csv);
        Assert.That(await child.ReadLineAsync(), Is.EqualTo("training"));

        // By this clock the lease of the other process does not run out: only that it is gone can let others begin.
        await using var workspace = await Workspace.OpenAsync(folder["workspace"], options => options.Time = new StandingTime());
        var atWork = (await workspace.Runs.LatestAsync("killed"))!;
        var lifecycle = LifecycleBuilder.Create("killed").CollectData(data => data.FromCsv(csv)).Build();

        var failure = await Assert.CatchAsync<RunInProgressException>(() => lifecycle.RunAsync(workspace, s_rejects));
        var waits = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = lifecycle.RunAsync(workspace, s_waits, new Steps(step =>
        {
            if (step.Step == "waiting") waits.TrySetResult(step.Message!);
        }));
        var said = await waits.Task.WaitAsync(s_patience);
        Assert.That(waiting.IsCompleted, Is.False);
        await child.KillAsync();

        var run = await waiting.WaitAsync(s_patience);
        Assert.Multiple(async () =>
        {
            Assert.That((atWork.State, failure!.RunId), Is.EqualTo((RunState.Running, atWork.Id)));
            Assert.That(failure.ProcessId, Is.Not.EqualTo(Environment.ProcessId));
            Assert.That(said, Does.Contain(atWork.Id).And.Contain($"process {failure.ProcessId} on"));
            Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
            Assert.That((await lifecycle.RunAsync(workspace, s_rejects)).State, Is.EqualTo(RunState.Succeeded));
        });
    }

    [Test]
    public async Task Wait_APlaceOfAProcessThatWasKilled_HoldsNobodyUp()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await workspace.Store.WriteAsync(connection => WaitingStartTable.Insert(connection, new WaitingStartRow
        {
            Lifecycle = SampleLifecycle.Name,
            OwnerToken = "gone",
            OwnerMachine = RunOwner.Current.Machine,
            OwnerProcess = int.MaxValue,
            LeaseUntil = long.MaxValue,
        }));

        var run = await Plain().RunAsync(workspace, s_waits).WaitAsync(s_patience);

        Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task Wait_APlaceOfAProcessThatLives_IsWaitedFor()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var no = await workspace.Store.WriteAsync(connection => WaitingStartTable.Insert(connection, new WaitingStartRow
        {
            Lifecycle = SampleLifecycle.Name,
            OwnerToken = "earlier",
            OwnerMachine = RunOwner.Current.Machine,
            OwnerProcess = RunOwner.Current.ProcessId,
            OwnerStarted = RunOwner.Current.ProcessStart,
            LeaseUntil = long.MaxValue,
        }));
        var waits = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Plain().RunAsync(workspace, s_waits, new Steps(step =>
        {
            if (step.Step == "waiting") waits.TrySetResult(step.Message!);
        }));

        var said = await waits.Task.WaitAsync(s_patience);
        await workspace.Store.WriteAsync(connection => WaitingStartTable.Remove(connection, no));

        Assert.That(said, Does.Contain($"waits for an earlier start of process {Environment.ProcessId}"));
        Assert.That((await waiting.WaitAsync(s_patience)).State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task Wait_SeveralProcesses_NeverRunTwiceAtOnce()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var count = LongForm.Of(many: 20, few: 3);
        HostProcess[] children = [.. Enumerable.Range(0, 2).Select(
            _ => HostProcess.Start("run-in-turn", folder["workspace"], folder["guard"], $"{count}"))];
        try
        {
            foreach (var child in children) Assert.That(await child.ReadLineAsync(), Is.EqualTo("ready"));
            foreach (var child in children) child.Continue();
            foreach (var child in children) Assert.That(await child.FinishAsync(), Does.Contain("done"));
        }
        finally
        {
            foreach (var child in children) child.Dispose();
        }

        var runs = await workspace.Runs.ListAsync();
        Assert.That(runs.Select(run => run.State), Is.All.EqualTo(RunState.Succeeded));
        Assert.That(runs, Has.Count.EqualTo(2 * count));
    }

    [Test]
    public async Task RetrainNowAsync_Rejected_AsksForNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored(
            monitoring => monitoring.DataDrift().RetrainOn(Signal.DataDrift, RetrainingData.Original, TimeSpan.FromDays(1))).Build();
        await lifecycle.RunAsync(workspace);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);

        await Assert.CatchAsync<RunInProgressException>(() => lifecycle.RetrainNowAsync(workspace, "because", s_rejects));
        var asked = await lifecycle.IsRetrainingAskedAsync(workspace, default);
        var waiting = lifecycle.RetrainNowAsync(workspace, "because", s_waits);
        held.Continue.SetResult();
        await running;

        Assert.That(asked, Is.False);
        Assert.That((await waiting.WaitAsync(s_patience)).Run!.State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task Host_RunAtStartIsRejected_SaysSoAndWorksOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var held = new Held();
        var running = held.Build().RunAsync(workspace);
        await held.Reached.Task.WaitAsync(s_patience);
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new ConcurrentQueue<int>();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry =>
        {
            if (entry.Id == 1316) said.TrySetResult();
            if (entry.Id == 1302) errors.Enqueue(entry.Id);
        }));
        builder.Services.AddMlOps(options =>
            {
                (options.Workspace, options.RunAtStart, options.RunConcurrency) = (folder.Path, true, RunConcurrency.Reject);
            })
            .AddLifecycle(SampleLifecycle.Name, lifecycle => lifecycle.CollectData(data => data.FromObjects(Subscriber.Draw(50, 1))));
        using var host = builder.Build();

        await host.StartAsync();
        await said.Task.WaitAsync(s_patience);
        await host.StopAsync();
        held.Continue.SetResult();
        await running;

        Assert.That(errors, Is.Empty);
        Assert.That(await workspace.Runs.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RunAsync_UnknownValue_IsRejected()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            async () => await Plain().RunAsync(workspace, new RunOptions { Concurrency = (RunConcurrency)7 }),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Lifecycle Plain() => SampleLifecycle.Begin(Subscriber.Draw(200, seed: 1)).Build();

    private static Task<long> CountPlacesAsync(Workspace workspace) =>
        workspace.Store.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM waiting_starts"));

    private sealed class Steps(Action<LifecycleProgress> step) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => step(value);
    }

    /// <summary>A clock that stands, long before the one of other processes; timers work.</summary>
    private sealed class StandingTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    /// <summary>A run that goes on when it is told.</summary>
    private sealed class Held : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Continue { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "held";

        public string Version => "1";

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public Lifecycle Build() => SampleLifecycle.Begin(
            Subscriber.Draw(200, seed: 1), training => training.Try(this).CrossValidate(2).Trials(0)).Build();

        public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            Reached.TrySetResult();
            await Continue.Task.WaitAsync(s_patience, cancellationToken);
            return await _inner.TrainAsync(context, cancellationToken);
        }
    }
}
