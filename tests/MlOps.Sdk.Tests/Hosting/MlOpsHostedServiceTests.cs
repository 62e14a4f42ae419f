using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

[TestFixture]
public sealed class MlOpsHostedServiceTests
{
    [Test]
    public async Task Start_LifecycleAndEndpoint_AreInjectedByName()
    {
        using var folder = new TempFolder();
        using var host = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "training");
        await host.StartAsync();
        var workspace = await host.Services.GetRequiredService<MlOpsHostedService>().WaitUntilReadyAsync();
        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<UnlabelledSubscriber, Answer>>("hosted");
        Assert.That(
            () => endpoint.Predict(new(30, 40, "monthly", true)),
            Throws.TypeOf<ModelNotLiveException>().With.Message.Contains("No version"));
        Assert.That(endpoint.IsLive, Is.False);

        var run = await host.Services
            .GetRequiredKeyedService<Lifecycle>("hosted")
            .RunAsync(workspace, new RunOptions { Services = host.Services });

        Assert.Multiple(() =>
        {
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
            Assert.That(run.Training!.Trainer, Is.EqualTo("injected"));
            Assert.That(endpoint.Predict(new(30, 40, "monthly", true)).Version, Is.EqualTo(1));
            var answers = new Prediction<Answer>[2];
            endpoint.PredictAll([new(30, 40, "monthly", true), new(30, 40, "monthly", true)], answers);
            Assert.That(answers.Select(answer => answer.Version), Is.EqualTo((int[])[1, 1]), "many rows");
            Assert.That(host.Services.GetRequiredService<Workspace>(), Is.SameAs(workspace));
        });
        await host.StopAsync();
    }

    [Test]
    public async Task Start_VersionPromotedBefore_IsServedAtOnce()
    {
        using var folder = new TempFolder();
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            await Configure(LifecycleBuilder.Create("hosted"), training =>
                training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .Build()
                .RunAsync(workspace);
        }
        using var host = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "serving");

        await host.StartAsync();

        Assert.That(
            host.Services
                .GetRequiredKeyedService<IEndpoint<UnlabelledSubscriber, Answer>>("hosted")
                .Predict(new(30, 40, "monthly", true)).Version,
            Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public void Start_MistakeInALifecycle_KeepsTheHostFromStarting()
    {
        using var folder = new TempFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => options.Workspace = folder.Path)
            .AddLifecycle("wrong", lifecycle => lifecycle.TrainModel(_ => { }));
        using var host = builder.Build();

        Assert.That(
            async () => await host.StartAsync(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("DefineProblem"));
    }

    [Test]
    public void Start_OptionsOutOfRange_AreRefused()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["MlOps:Workspace"] = "", ["MlOps:TrainingThreads"] = "0" });
        builder.Services.AddMlOps(builder.Configuration.GetSection("MlOps"));
        using var host = builder.Build();

        Assert.That(
            async () => await host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Workspace").And.Message.Contains("TrainingThreads"));
    }

    [Test]
    public async Task Work_LifecycleThatTimesOut_DoesNotKeepTheOthersFromRunning()
    {
        using var folder = new TempFolder();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddTransient<IAlertSink>(_ => throw new TaskCanceledException("timed out"));
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
            })
            .AddLifecycle("slow", lifecycle => lifecycle
                .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                .CollectData(data => data.FromObjects(Subscriber.Draw(50, 1)))
                .MonitorModel(monitoring => monitoring.TrainedElsewhere("spend").DataDrift().Alert<IAlertSink>()))
            .AddLifecycle(
                "next",
                lifecycle => lifecycle
                    .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                    .CollectData(data => data.From(new Source(reached.SetResult))));
        using var host = builder.Build();

        await host.StartAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(async () => await host.StopAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Start_VersionThatCannotBeServed_ClosesTheWorkspace()
    {
        using var folder = new TempFolder();
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            await Configure(LifecycleBuilder.Create("hosted"), training =>
                training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .Build()
                .RunAsync(workspace);
            workspace.Files.Delete((await workspace.Models.GetAsync("hosted", 1)).PackageId);
        }

        using var host = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "serving");

        Assert.That(async () => await host.StartAsync(), Throws.InstanceOf<MlOpsException>());
        Assert.That(File.Exists(folder["mlops.db-wal"]), Is.False, "the last connection that closes removes the log");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Dispose_WorkThatFailedWhileTheHostStopped_ClosesTheWorkspace(bool stop)
    {
        using var folder = new TempFolder();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
            })
            .AddLifecycle(
                "broken",
                lifecycle => lifecycle
                    .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                    .CollectData(data => data.From(new BreakingSource(reached.SetResult))));
        using var container = builder.Build();
        await container.StartAsync();
        var host = container.Services.GetRequiredService<MlOpsHostedService>();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        if (stop)
        {
            Assert.That(
                async () => await host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)), Throws.Nothing);
        }
        var wasOpen = File.Exists(folder["mlops.db-wal"]);
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(
            (wasOpen, File.Exists(folder["mlops.db-wal"])), Is.EqualTo((true, false)), "the last connection that closes removes the log");
    }

    [Test]
    public async Task Workspace_BeforeStartAndAfter_IsRefusedThenOpen()
    {
        using var folder = new TempFolder();
        using var container = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "ready");
        var host = container.Services.GetRequiredService<MlOpsHostedService>();
        Assert.That(
            () => host.Workspace, Throws.TypeOf<MlOpsException>().With.Property("Remedy").Contains(nameof(host.WaitUntilReadyAsync)));
        using var stop = new CancellationTokenSource();
        var given = host.WaitUntilReadyAsync(stop.Token);
        var ready = host.WaitUntilReadyAsync();
        await stop.CancelAsync();
        await Assert.ThatAsync(() => given, Throws.InstanceOf<OperationCanceledException>(), "who gives up waiting is let go");

        await container.StartAsync();

        Assert.That(await ready, Is.SameAs(host.Workspace));
        await container.StopAsync();
    }

    [Test]
    public async Task Start_WorkspaceCannotBeOpened_IsToldToWhoWaitsForIt()
    {
        using var folder = new TempFolder();
        using var container = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "ready", folder.Write("file", ""));
        var host = container.Services.GetRequiredService<MlOpsHostedService>();
        var ready = host.WaitUntilReadyAsync();

        var failure = await Assert.CatchAsync(() => host.StartAsync(CancellationToken.None));

        await Assert.ThatAsync(() => ready, Throws.Exception.SameAs(failure));
        Assert.That(() => host.Workspace, Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task Start_Twice_IsRefusedAndTheFirstGoesOn()
    {
        using var folder = new TempFolder();
        using var container = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "twice");
        await container.StartAsync();
        var host = container.Services.GetRequiredService<MlOpsHostedService>();

        Assert.That(
            async () => await host.StartAsync(CancellationToken.None),
            Throws.InvalidOperationException.With.Message.Contains("already started"));

        Assert.That(await host.Workspace.Hosts.ListAsync("hosted", default), Has.Count.EqualTo(1));
        await container.StopAsync();
        Assert.That(await host.Workspace.Hosts.ListAsync("hosted", default), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stop_StartIsInProgress_EndsItAndClosesTheWorkspace(bool stop)
    {
        using var folder = new TempFolder();
        var feed = new Feed(token => Task.Delay(Timeout.Infinite, token));
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => options.Workspace = folder.Path)
            .AddEndpoint<UnlabelledSubscriber, Answer>("fed", endpoint => endpoint.From(feed));
        using var container = builder.Build();
        var host = container.Services.GetRequiredService<MlOpsHostedService>();
        var starting = host.StartAsync(CancellationToken.None);
        await feed.Imports.Task.WaitAsync(TimeSpan.FromSeconds(30));

        if (stop) await host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        else await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(async () => await starting, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.Exists(folder["mlops.db-wal"]), Is.False, "the last connection that closes removes the log");
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Assert.That(await workspace.Hosts.ListAsync("fed", default), Is.Empty);
    }

    [Test]
    public async Task Start_Disposed_IsRefused()
    {
        using var folder = new TempFolder();
        using var container = Build(folder, services => services.AddSingleton<InjectedTrainer>(), "late");
        var host = container.Services.GetRequiredService<MlOpsHostedService>();

        await host.DisposeAsync();

        Assert.That(async () => await host.StartAsync(CancellationToken.None), Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stop_PluginsThrowWhenTheyAreTold_DoesNotFailAndClosesTheWorkspace(bool stop)
    {
        using var folder = new TempFolder();
        var logged = new ConcurrentQueue<int>();
        var source = new ThrowsWhenCancelled();
        var feed = new Feed(_ => Task.CompletedTask, token =>
        {
            token.Register(() => throw new InvalidOperationException("It cannot be told."));
            return Task.Delay(Timeout.Infinite, token);
        });
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry => logged.Enqueue(entry.Id)));
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
            })
            .AddLifecycle("touchy", lifecycle => lifecycle.CollectData(data => data.From(source)))
            .AddEndpoint<UnlabelledSubscriber, Answer>("fed", endpoint => endpoint.From(feed));
        using var container = builder.Build();
        await container.StartAsync();
        var host = container.Services.GetRequiredService<MlOpsHostedService>();
        await source.Opened.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await feed.Waits.Task.WaitAsync(TimeSpan.FromSeconds(30));

        if (stop)
        {
            Assert.That(async () => await host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)), Throws.Nothing);
        }
        Assert.That(async () => await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)), Throws.Nothing);

        Assert.That(File.Exists(folder["mlops.db-wal"]), Is.False, "the last connection that closes removes the log");
        Assert.That(logged, Has.Exactly(2).EqualTo(4012).And.None.EqualTo(1302).And.None.EqualTo(1312));
    }

    [Test]
    public async Task Dispose_ContainerDisposesOfTheWorkspaceFirst_IsNoError()
    {
        using var folder = new TempFolder();
        var logged = new ConcurrentQueue<int>();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry => logged.Enqueue(entry.Id)));
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.RunAtStart = true;
            })
            .AddLifecycle("busy", lifecycle => lifecycle.CollectData(data => data.From(new PatientSource(reached.SetResult))))
            .AddEndpoint<UnlabelledSubscriber, Answer>("busy");
        using (var container = builder.Build())
        {
            await container.StartAsync();
            _ = container.Services.GetRequiredService<Workspace>();
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.That(logged, Has.None.EqualTo(1302).And.None.EqualTo(1309).And.None.EqualTo(1311).And.None.EqualTo(1312));
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Assert.That((await workspace.Runs.LatestAsync("busy"))!.State, Is.EqualTo(RunState.Interrupted).Or.EqualTo(RunState.Cancelled));
        Assert.That(await workspace.Hosts.ListAsync("busy", default), Is.Empty);
    }

    [Test]
    public async Task Work_IntervalPasses_ChecksTheMonitorsEachTime()
    {
        using var folder = new TempFolder();
        var interval = TimeSpan.FromMinutes(5);
        var clock = new HostClock(interval);
        var watched = new Watched();
        await using (var services = new ServiceCollection().AddSingleton(watched).BuildServiceProvider())
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            await Watch(LifecycleBuilder.Create("watched")).Build().RunAsync(workspace, new RunOptions { Services = services });
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton(watched).AddMlOps(options =>
            {
                options.Workspace = folder.Path;
                options.CheckInterval = interval;
            })
            .AddLifecycle("watched", lifecycle => Watch(lifecycle))
            .AddEndpoint<UnlabelledSubscriber, Answer>("watched");
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<UnlabelledSubscriber, Answer>>("watched");
        await clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));

        var seen = new List<(long, DateTimeOffset)>();
        for (var rows = 3; rows <= 4; rows++)
        {
            for (var i = 0; i < rows; i++) endpoint.Predict(new(30, 40, "monthly", true));
            clock.Advance(interval);
            seen.Add((await watched.Seen.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)), clock.GetUtcNow()));
        }

        await host.StopAsync();
        Assert.That(seen.Select(check => check.Item1), Is.EqualTo(new[] { 3, 4 }));
        Assert.That(seen[1].Item2 - seen[0].Item2, Is.EqualTo(interval));
    }

    [Test]
    public async Task Run_PluginThatIsNotRegistered_NamesIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = Configure(LifecycleBuilder.Create("hosted"), training => training.Try<InjectedTrainer>()).Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(InjectedTrainer)));
    }

    [Test]
    public async Task Resume_WithServices_ResolvesPlugins()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = Configure(LifecycleBuilder.Create("hosted"), training => training.Try<InjectedTrainer>().CrossValidate(2).Trials(0))
            .Build();
        string cancelled;
        await using (var tracker = await RunTracker.StartAsync(workspace.Store, workspace.Logger, new RunStart("hosted", [], 1)))
        {
            cancelled = tracker.RunId;
            await tracker.CompleteAsync(RunState.Cancelled);
        }

        await using var services = new ServiceCollection().AddSingleton<InjectedTrainer>().BuildServiceProvider();
        var run = await lifecycle.ResumeAsync(workspace, cancelled, new RunOptions { Services = services });

        Assert.That((run.Id, run.Training!.Trainer), Is.EqualTo((cancelled, "injected")));
    }

    private static IHost Build(TempFolder folder, Action<IServiceCollection> register, string actor, string? path = null)
    {
        var builder = Host.CreateApplicationBuilder();
        register(builder.Services);
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = path ?? folder.Path;
                options.Actor = actor;
                options.TrainingThreads = 1;
            })
            .AddLifecycle("hosted", lifecycle => Configure(
                lifecycle,
                training => training.Try<InjectedTrainer>().CrossValidate(2).Trials(0)))
            .AddEndpoint<UnlabelledSubscriber, Answer>("hosted");
        return builder.Build();
    }

    private static LifecycleBuilder Configure(LifecycleBuilder lifecycle, Action<TrainingBuilder> train) => lifecycle
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, 1)))
        .TrainModel(train)
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring.DataDrift());

    private static LifecycleBuilder Watch(LifecycleBuilder lifecycle) => lifecycle
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, 1)))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring.Watch<Watched>().MinimumRows(2));

    /// <summary>Tells how many rows each check measures.</summary>
    private sealed class Watched : IDriftMonitor
    {
        public Channel<long> Seen { get; } = Channel.CreateUnbounded<long>();

        public string Name => "watched";

        public MonitorNeeds Needs => MonitorNeeds.Inputs;

        public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default)
        {
            Seen.Writer.TryWrite(window.RowCount);
            return ValueTask.FromResult<IReadOnlyList<Measurement>>(
            [
                new Measurement
                {
                    Signal = Signal.Custom, Subject = "rows", Statistic = "count", Value = window.RowCount, Effect = "none", EffectSize = 0,
                    Material = 1
                },
            ]);
        }
    }

    private sealed class Source(Action opened) : IDataSource
    {
        public string Name => "source";

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            opened();
            throw new IOException("nothing to read");
        }
    }

    /// <summary>A feed that does what a test says.</summary>
    private sealed class Feed(Func<CancellationToken, Task> import, Func<CancellationToken, Task>? wait = null) : IModelFeed
    {
        public TaskCompletionSource Imports { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Waits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "feed";

        public Task ImportAsync(Workspace workspace, CancellationToken cancellationToken = default)
        {
            Imports.TrySetResult();
            return import(cancellationToken);
        }

        public Task WaitForChangeAsync(TimeProvider time, CancellationToken cancellationToken = default)
        {
            var waiting = wait is null ? Task.Delay(Timeout.Infinite, cancellationToken) : wait(cancellationToken);
            Waits.TrySetResult();
            return waiting;
        }
    }

    /// <summary>A source that waits until it is cancelled.</summary>
    private sealed class PatientSource(Action opened) : IDataSource
    {
        public string Name => "source";

        public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            opened();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new IOException("nothing to read");
        }
    }

    /// <summary>A source that breaks when it is to stop, and says so rather than that it was cancelled.</summary>
    private sealed class BreakingSource(Action opened) : IDataSource
    {
        public string Name => "source";

        public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            opened();
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new MlOpsException("The source broke.");
        }
    }

    private sealed class InjectedTrainer : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public string Name => "injected";

        public string Version => _inner.Version;

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
            _inner.TrainAsync(context, cancellationToken);
    }
}
