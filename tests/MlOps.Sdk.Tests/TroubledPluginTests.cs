using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What becomes of a run whose plug-in throws, or does not end.</summary>
[TestFixture]
public sealed class TroubledPluginTests
{
    private const string Canary = "CANARYCONN";

    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    // The stages are where the engine calls the plug-in first.
    private static IEnumerable<TestCaseData> Places =>
    [
        new(nameof(IDataSource), LifecycleStage.Collection),
        new(nameof(IDataProcessor), LifecycleStage.Processing),
        new(nameof(IExpectation), LifecycleStage.Processing),
        new(nameof(ISplitter), LifecycleStage.Processing),
        new(nameof(IMetric), LifecycleStage.Deployment),
        new(nameof(IHypothesis), LifecycleStage.Exploration),
        new(nameof(IFeatureTransform), LifecycleStage.Features),
        new(nameof(ITrainer), LifecycleStage.Training),
        new(nameof(IDeploymentTarget), LifecycleStage.Deployment),
    ];

    [TestCaseSource(nameof(Places))]
    public async Task RunAsync_PluginThrows_FailureNamesItsStageAndARemedyAndNoSecretIsKept(string place, LifecycleStage stage)
    {
        using var folder = new TempFolder();
        var logs = new Logs();
        var plugin = new TroubledPlugin(() => throw new FormatException($"cannot connect with Host=db;Username=u;Password={Canary}"));
        await using (var workspace = await Workspace.OpenAsync(folder.Path, options => options.LoggerFactory = logs))
        {
            var failure = await Assert.CatchAsync<MlOpsException>(() => plugin.At(place).RunAsync(workspace))!;

            Assert.That(failure!.Stage, Is.EqualTo(stage));
            Assert.That(failure.Remedy, Is.Not.Null);
            Assert.That(failure.Message, Does.Contain("Host=db;Username=u;Password=…").And.Not.Contain(Canary));

            // What is tried is a result of the search, and the search says that all of it failed.
            if (place != nameof(ITrainer))
            {
                Assert.That(failure.Plugin, Is.EqualTo(typeof(TroubledPlugin).FullName));
                Assert.That(failure.GetBaseException(), Is.TypeOf<FormatException>());
            }
            var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
            Assert.That(run.State, Is.EqualTo(RunState.Failed));
            Assert.That(run.Error, Is.EqualTo(failure.Message));
            Assert.That(run.Stages.Single(of => of.State == StageState.Failed).Stage, Is.EqualTo(stage));
        }

        Assert.That(logs.Texts, Has.None.Contain(Canary).And.Some.Contain(nameof(FormatException)));
        foreach (var file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.That(System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), Does.Not.Contain(Canary), file);
        }
    }

    [Test]
    public async Task RunAsync_FunctionOfTheApplicationThrows_IsNamedByItsClass()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("function")
            .CollectData(data => data.From(DataSources.Objects(Rows())))
            .Build();

        var failure = await Assert.CatchAsync<MlOpsException>(() => lifecycle.RunAsync(workspace));

        Assert.That(failure!.Plugin, Is.EqualTo(typeof(TroubledPluginTests).FullName));
        Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Collection));

        static async IAsyncEnumerable<Subscriber> Rows()
        {
            await Task.Yield();
            yield return Subscriber.Draw(1, seed: 1)[0];
            throw new InvalidOperationException("The list is broken.");
        }
    }

    [TestCaseSource(nameof(Places))]
    public async Task RunAsync_CancelledWhilePluginDoesNotListen_EndsAndTheLogNamesIt(string place, LifecycleStage stage)
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        using var goOn = new ManualResetEventSlim();
        var logs = new Logs();
        var plugin = new TroubledPlugin(() =>
        {
            cancel.Cancel();
            goOn.Wait();
        });
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.LoggerFactory = logs);

        var running = plugin.At(place).RunAsync(workspace, new RunOptions { CancellationGrace = Grace }, null, cancel.Token);

        Assert.That(async () => await running.WaitAsync(TimeSpan.FromMinutes(2)), Throws.InstanceOf<OperationCanceledException>());
        var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        Assert.That(run.State, Is.EqualTo(RunState.Cancelled));
        Assert.That(run.Stages.Single(of => of.State == StageState.Cancelled).Stage, Is.EqualTo(stage));
        Assert.That(logs.Of(4008), Has.Count.EqualTo(1));
        Assert.That(logs.Of(4008)[0], Does.Contain("troubled").Or.Contain(nameof(TroubledPlugin)));

        // What it does later changes nothing, and the run can be resumed at once.
        goOn.Set();
        var resumed = await new TroubledPlugin(() => { }).At("nowhere").ResumeAsync(workspace, run.Id);
        Assert.That(resumed.Record.State, Is.EqualTo(RunState.Succeeded));
        Assert.That((await workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task RunAsync_AfterATargetThatNeverEnds_GoesLiveAndBack()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        using var goOn = new ManualResetEventSlim();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var plugin = new TroubledPlugin(() =>
        {
            cancel.Cancel();
            goOn.Wait();
        });
        var left = plugin.At(nameof(IDeploymentTarget)).RunAsync(
            workspace, new RunOptions { CancellationGrace = Grace }, null, cancel.Token);
        Assert.That(async () => await left.WaitAsync(TimeSpan.FromMinutes(2)), Throws.InstanceOf<OperationCanceledException>());

        var again = await new TroubledPlugin(() => { }).At("nowhere").RunAsync(workspace).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.That(again.Deployment!.IsDeployed, Is.True);
        Assert.That(
            async () => await workspace.Models.RollbackAsync(SampleLifecycle.Name, "x").WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("No earlier version"));
        goOn.Set();
    }

    [Test]
    public async Task RunAsync_CancellationInAnAggregate_IsACancellation()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var plugin = new TroubledPlugin(() =>
        {
            cancel.Cancel();
            Task.Delay(Timeout.Infinite, cancel.Token).Wait();
        });

        Assert.That(
            () => plugin.At(nameof(IFeatureTransform)).RunAsync(workspace, null, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await workspace.Runs.LatestAsync(SampleLifecycle.Name))!.State, Is.EqualTo(RunState.Cancelled));
    }

    [Test]
    public async Task RunAsync_PluginEndsAfterItWasLeftBehind_ItsOutputIsDiscarded()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        using var goOn = new ManualResetEventSlim();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var late = new LateTrainer(() =>
        {
            cancel.Cancel();
            goOn.Wait();
        }, ended);
        var lifecycle = SampleLifecycle.Begin(train: training => training.Try(late).CrossValidate(2).Trials(0)).Deployed().Build();

        var running = lifecycle.RunAsync(workspace, new RunOptions { CancellationGrace = Grace }, null, cancel.Token);
        Assert.That(async () => await running.WaitAsync(TimeSpan.FromMinutes(2)), Throws.InstanceOf<OperationCanceledException>());
        goOn.Set();
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Task.Delay(Grace);

        var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        Assert.That(run.State, Is.EqualTo(RunState.Cancelled));
        Assert.That(run.Stages.Single(of => of.Stage == LifecycleStage.Deployment).State, Is.EqualTo(StageState.Pending));
        Assert.That(await workspace.Models.ListAsync(SampleLifecycle.Name), Is.Empty);
    }

    [Test]
    public async Task RunAsync_LongerThanItsTimeout_IsCancelledAndSaysSo()
    {
        using var folder = new TempFolder();
        using var goOn = new ManualResetEventSlim();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var options = new RunOptions { Timeout = TimeSpan.FromSeconds(2), CancellationGrace = Grace };

        var running = new TroubledPlugin(goOn.Wait).At(nameof(IDataSource)).RunAsync(workspace, options);

        Assert.That(
            async () => await running.WaitAsync(TimeSpan.FromMinutes(2)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("timeout of 00:00:02")
                .And.InnerException.TypeOf<TimeoutException>());
        Assert.That((await workspace.Runs.LatestAsync(SampleLifecycle.Name))!.State, Is.EqualTo(RunState.Cancelled));
        goOn.Set();
    }

    [Test]
    public async Task RunAsync_TimesOutOfRange_AreRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Build();
        foreach (var options in new[]
        {
            new RunOptions { Timeout = TimeSpan.Zero },
            new RunOptions { Timeout = Timeout.InfiniteTimeSpan },
            new RunOptions { Timeout = TimeSpan.MaxValue },
            new RunOptions { CancellationGrace = TimeSpan.FromTicks(-1) },
            new RunOptions { CancellationGrace = TimeSpan.MaxValue },
        })
        {
            Assert.That(() => lifecycle.RunAsync(workspace, options), Throws.TypeOf<ArgumentOutOfRangeException>());
        }

        Assert.That(await workspace.Runs.LatestAsync(SampleLifecycle.Name), Is.Null);
    }

    [Test]
    public async Task RunAsync_ProgressThatThrows_IsLoggedOnceAndTheRunSucceeds()
    {
        using var folder = new TempFolder();
        var logs = new Logs();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.LoggerFactory = logs);

        var run = await SampleLifecycle.Begin().Build().RunAsync(workspace, new BrokenProgress());

        Assert.That(run.Record.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(logs.Of(4009), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RunAsync_LoggerThatThrows_SucceedsAllTheSame()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.LoggerFactory = new LogWatcher(_ => throw new IOException("The log is full.")));

        var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace, new BrokenProgress());

        Assert.That(run.Record.State, Is.EqualTo(RunState.Succeeded));
    }

    [TestCase("timeout", RunState.Cancelled)]
    [TestCase("caller", RunState.Cancelled)]
    [TestCase("workspace", RunState.Interrupted)]
    public async Task RunAsync_PluginThrowsWhenItIsToldToEnd_WhoEndsItDoesNotFail(string by, RunState state)
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));
        var logs = new Logs();
        using var cancel = new CancellationTokenSource();
        await using (var workspace = await Workspace.OpenAsync(folder.Path, options =>
        {
            options.LoggerFactory = logs;
            options.Time = clock;
        }))
        {
            var source = new ThrowsWhenCancelled();
            var running = LifecycleBuilder.Create("ended").CollectData(data => data.From(source)).Build().RunAsync(
                workspace, new RunOptions { Timeout = TimeSpan.FromMinutes(1) }, null, cancel.Token);
            await source.Opened.Task.WaitAsync(TimeSpan.FromMinutes(2));

            Assert.That(
                async () =>
                {
                    if (by == "timeout") clock.Advance(TimeSpan.FromMinutes(1));
                    else if (by == "caller") await cancel.CancelAsync();
                    else await workspace.DisposeAsync();
                },
                Throws.Nothing);
            Assert.That(async () => await running.WaitAsync(TimeSpan.FromMinutes(2)), Throws.Exception.Not.TypeOf<TimeoutException>());
        }

        await using var again = await Workspace.OpenAsync(folder.Path);
        Assert.That((await again.Runs.LatestAsync("ended"))!.State, Is.EqualTo(state));
        Assert.That(logs.Of(4012), Has.Count.EqualTo(1).And.All.Contain("cannot be told"));
    }

    private sealed class BrokenProgress : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => throw new InvalidOperationException("The window was closed.");
    }

    /// <summary>Trains the baseline, but late.</summary>
    private sealed class LateTrainer(Action wait, TaskCompletionSource ended) : ITrainer
    {
        private readonly ITrainer _baseline = Trainers.Baseline();

        public string Name => "late";

        public string Version => "1";

        public TrainerCapabilities Capabilities => _baseline.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _baseline.Hyperparameters;

        public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            wait();
            var model = await _baseline.TrainAsync(context, CancellationToken.None);
            ended.TrySetResult();
            return model;
        }
    }

    private sealed class Logs : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<(int Event, string Text)> _all = [];

        public IEnumerable<string> Texts => _all.Select(entry => entry.Text);

        public IReadOnlyList<string> Of(int id) => [.. _all.Where(entry => entry.Event == id).Select(entry => entry.Text)];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It has no providers.");

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _all.Enqueue((eventId.Id, $"{formatter(state, exception)}\n{exception}"));

        public void Dispose()
        {
        }
    }
}
