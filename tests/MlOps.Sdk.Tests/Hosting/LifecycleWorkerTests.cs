using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

/// <summary>Several lifecycles in one host.</summary>
[TestFixture]
public sealed class LifecycleWorkerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    [Test]
    public async Task Work_AnotherLifecycleRuns_ChecksDoNotWaitForIt()
    {
        using var folder = new TempFolder();
        var clock = new HostClock(Interval);
        await using (var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock))
        {
            await Watched(LifecycleBuilder.Create("watched")).Build().RunAsync(workspace);
        }
        using var blocked = new Blocking();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.CheckInterval = Interval;
                options.RunAtStart = true;
            })
            .AddLifecycle("slow", lifecycle => lifecycle.CollectData(data => data.From(blocked)))
            .AddLifecycle("watched", lifecycle => Watched(lifecycle))
            .AddEndpoint<UnlabelledSubscriber, Answer>("watched");
        using var host = builder.Build();
        await host.StartAsync();
        await blocked.Opened.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));
        var workspaceOfHost = host.Services.GetRequiredService<Workspace>();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();
        foreach (var row in Subscriber.Draw(300, 5)) endpoint.Predict(UnlabelledSubscriber.Of(row));

        clock.Advance(Interval);

        var monitor = workspaceOfHost.Monitor("watched");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await monitor.ReportsAsync(cancellationToken: patience.Token)).Count == 0) await Task.Delay(20, patience.Token);
        Assert.That((await workspaceOfHost.Runs.LatestAsync("slow"))!.State, Is.EqualTo(RunState.Running));
        Assert.That(
            (await workspaceOfHost.Runs.ListAsync("watched")).Count, Is.EqualTo(1), "its run waits in the queue behind the other");
        blocked.GoOn.Set();
        await host.StopAsync();
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Work_RunsAtStart_AreAtWorkAsManyAtOnceAsConfigured(int concurrent)
    {
        using var folder = new TempFolder();
        using Blocking first = new(), second = new();
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
                options.ConcurrentRuns = concurrent;
            })
            .AddLifecycle("first", lifecycle => lifecycle.CollectData(data => data.From(first)))
            .AddLifecycle("second", lifecycle => lifecycle.CollectData(data => data.From(second)));
        using var host = builder.Build();

        await host.StartAsync();
        await Task.WhenAny(first.Opened.Task, second.Opened.Task).WaitAsync(TimeSpan.FromSeconds(30));
        if (concurrent == 2)
        {
            await Task.WhenAll(first.Opened.Task, second.Opened.Task).WaitAsync(TimeSpan.FromSeconds(30));
        }
        else
        {
            Assert.That(first.Opened.Task.IsCompleted ^ second.Opened.Task.IsCompleted, Is.True);
            first.GoOn.Set();
            second.GoOn.Set();
            await Task.WhenAll(first.Opened.Task, second.Opened.Task).WaitAsync(TimeSpan.FromSeconds(30));
        }

        first.GoOn.Set();
        second.GoOn.Set();
        await host.StopAsync();
    }

    [Test]
    public async Task Stop_RunDoesNotEndInTime_NamesItAndDoesNotFail()
    {
        using var folder = new TempFolder();
        var logged = new ConcurrentQueue<int>();
        using var blocked = new Blocking();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry => logged.Enqueue(entry.Id)));
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
            })
            .AddLifecycle("slow", lifecycle => lifecycle.CollectData(data => data.From(blocked)));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            await blocked.Opened.Task.WaitAsync(TimeSpan.FromSeconds(30));

            // The run gives its source 5 seconds of grace.
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            Assert.That(async () => await host.StopAsync(patience.Token), Throws.Nothing);

            Assert.That(logged, Has.Exactly(1).EqualTo(1310).And.None.EqualTo(1302));
        }

        blocked.GoOn.Set();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = (await workspace.Runs.LatestAsync("slow"))!;
        Assert.That(run.State, Is.EqualTo(RunState.Cancelled).Or.EqualTo(RunState.Interrupted), "it can be resumed");
    }

    [Test]
    public async Task Start_NothingIsNew_IsNoError()
    {
        using var folder = new TempFolder();
        var csv = folder.Write("rows.csv", "a\n1\n2\n");
        var logged = new ConcurrentQueue<int>();
        for (var start = 1; start <= 2; start++)
        {
            logged.Clear();
            var builder = Host.CreateApplicationBuilder();
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry =>
            {
                logged.Enqueue(entry.Id);
                if (entry.Id == 4004) ended.TrySetResult();
            }));
            builder.Services
                .AddMlOps(options =>
                {
                    options.Workspace = folder["workspace"];
                    options.RunAtStart = true;
                })
                .AddLifecycle("nightly", lifecycle => lifecycle.CollectData(data => data.FromCsv(csv, read: read => read.OnlyNew())));
            using var host = builder.Build();
            await host.StartAsync();
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await host.StopAsync();
        }

        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        Assert.That((await workspace.Runs.LatestAsync("nightly"))!.State, Is.EqualTo(RunState.NothingNew));
        Assert.That(logged, Has.None.EqualTo(1302).And.None.EqualTo(4003));
    }

    [Test]
    public async Task Work_ScheduleComesAndNothingIsChecked_RetrainsThroughTheQueue()
    {
        using var folder = new TempFolder();
        var clock = new HostClock(Timeout.InfiniteTimeSpan);
        clock.SetUtcNow(new DateTimeOffset(2026, 5, 1, 2, 58, 30, TimeSpan.Zero));
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock))
        {
            await Watched(LifecycleBuilder.Create("nightly")).Build().RunAsync(workspace);
        }
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services
            .AddMlOps(options => options.Workspace = folder.Path)
            .AddLifecycle("nightly", lifecycle => Watched(
                lifecycle, monitoring => monitoring.RetrainAt("0 3 * * *", RetrainingData.Original)));
        using var host = builder.Build();
        await host.StartAsync();
        var opened = host.Services.GetRequiredService<Workspace>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        // The host waits for its clock, which goes on by seconds until what it was to do is done.
        while (await opened.Runs.LatestAsync("nightly", patience.Token) is not { Cause: var cause, State: RunState.Succeeded }
            || !cause.StartsWith("retraining: Schedule '0 3 * * *' (UTC): due at 2026-05-01 03:00", StringComparison.Ordinal))
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, patience.Token);
        }

        await host.StopAsync();
        Assert.That(await opened.Runs.ListAsync("nightly", cancellationToken: CancellationToken.None), Has.Count.EqualTo(2));
    }

    private static LifecycleBuilder Watched(LifecycleBuilder lifecycle, Action<MonitoringBuilder>? monitor = null) => lifecycle
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, 1)))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitor ?? (monitoring => monitoring.DataDrift()));

    /// <summary>A source that does not listen to its cancellation.</summary>
    private sealed class Blocking : IDataSource, IDisposable
    {
        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim GoOn { get; } = new();

        public string Name => "blocking";

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            Opened.TrySetResult();
            GoOn.Wait(CancellationToken.None);
            throw new IOException("nothing to read");
        }

        public void Dispose() => GoOn.Set();
    }
}
