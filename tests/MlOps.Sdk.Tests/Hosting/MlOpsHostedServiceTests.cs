using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
            Throws.TypeOf<MlOpsException>().With.Message.Contains("No version"));

        var run = await host.Services
            .GetRequiredKeyedService<Lifecycle>("hosted")
            .RunAsync(workspace, new RunOptions { Services = host.Services });

        Assert.Multiple(() =>
        {
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
            Assert.That(run.Training!.Trainer, Is.EqualTo("injected"));
            Assert.That(endpoint.Predict(new(30, 40, "monthly", true)).Version, Is.EqualTo(1));
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
            await workspace.Artifacts.DeleteAsync((await workspace.Models.GetAsync("hosted", 1)).PackageId);
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
                async () => await host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("The source broke."));
        }
        var wasOpen = File.Exists(folder["mlops.db-wal"]);
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(
            (wasOpen, File.Exists(folder["mlops.db-wal"])), Is.EqualTo((true, false)), "the last connection that closes removes the log");
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

    private static IHost Build(TempFolder folder, Action<IServiceCollection> register, string actor)
    {
        var builder = Host.CreateApplicationBuilder();
        register(builder.Services);
        builder.Services.AddMlOps(options =>
            {
                options.Workspace = folder.Path;
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

    private sealed class Source(Action opened) : IDataSource
    {
        public string Name => "source";

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            opened();
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
