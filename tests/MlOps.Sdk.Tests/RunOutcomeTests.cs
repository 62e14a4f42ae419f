using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What a run that did its work ends as, whatever happens after it.</summary>
[TestFixture]
public sealed class RunOutcomeTests
{
    [Test]
    public async Task RunAsync_ScopedTargetNamedByType_IsMadeOnceForTheRunAndDisposedWithIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var life = new Life();
        await using var services = new ServiceCollection()
            .AddSingleton(life).AddScoped<Target>().BuildServiceProvider(validateScopes: true);

        var run = await SampleLifecycle.Begin().Deployed(deployment => deployment.To<Target>()).Monitored().Build()
            .RunAsync(workspace, new RunOptions { Services = services });

        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        Assert.That((run.State, run.FailedAfterwards, life.Made, life.Disposed), Is.EqualTo((RunState.Succeeded, (object?)null, 1, 1)));
    }

    [Test]
    public async Task RunAsync_PluginsThatTheContainerDoesNotKnow_AreDisposedOfAtTheEndOfTheRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var life = new Life();
        await using var services = new ServiceCollection().AddSingleton(life).BuildServiceProvider(validateScopes: true);

        for (var i = 1; i <= 3; i++)
        {
            await SampleLifecycle.Begin().Deployed(deployment => deployment.To<Target>()).Build()
                .RunAsync(workspace, new RunOptions { Services = services });
            Assert.That((life.Made, life.Disposed), Is.EqualTo((i, i)));
        }
    }

    [Test]
    public async Task RunAsync_PluginThatFailsToDispose_IsLoggedAndTheRunSucceeds()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var logged = new List<int>();
        await using var services = new ServiceCollection()
            .AddSingleton(new Life { FailsToDispose = true })
            .AddSingleton<ILoggerFactory>(new LogWatcher(entry => logged.Add(entry.Id)))
            .BuildServiceProvider(validateScopes: true);

        var run = await SampleLifecycle.Begin().Deployed(deployment => deployment.To<Target>()).Build()
            .RunAsync(workspace, new RunOptions { Services = services });

        Assert.That((run.State, logged.Count(id => id == 4010)), Is.EqualTo((RunState.Succeeded, 1)));
    }

    [Test]
    public async Task RunAsync_MonitoringFailsAfterTheVersionIsLive_HasSucceededAndSaysWhatFailed()
    {
        using var folder = new TempFolder();
        var logged = new List<int>();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.LoggerFactory = new LogWatcher(entry =>
            {
                lock (logged) logged.Add(entry.Id);
            }));
        await using var services = new ServiceCollection().BuildServiceProvider(validateScopes: true);

        var run = await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.Watch<Unregistered>()).Build()
            .RunAsync(workspace, new RunOptions { Services = services });

        Assert.Multiple(() =>
        {
            Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(run.Deployment!.IsDeployed, Is.True);
            Assert.That(run.FailedAfterwards!.Message, Does.Contain(nameof(Unregistered)));
            Assert.That(run.Record.Error, Is.EqualTo(run.FailedAfterwards!.Message));
            Assert.That(run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Monitoring).State, Is.EqualTo(StageState.Failed));
            Assert.That(logged, Has.Exactly(1).EqualTo(4011).And.None.EqualTo(4003));
        });
        Assert.That((await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task RunAsync_NothingIsNew_CarriesTheResultsOfTheRunBeforeAndLogsNoError()
    {
        using var folder = new TempFolder();
        var levels = new List<int>();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.LoggerFactory = new LogWatcher(entry =>
            {
                lock (levels) levels.Add(entry.Id);
            }));
        var csv = folder.Write("rows.csv", "spend,left\n" + string.Concat(
            Enumerable.Range(0, 400).Select(i => $"{i * 37 % 101},{(i * 37 % 101 > 50 ? "Yes" : "No")}\n")));
        var lifecycle = LifecycleBuilder.Create("nightly")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv, read: read => read.OnlyNew()))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();

        var first = await lifecycle.RunAsync(workspace);
        var second = await lifecycle.RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That((second.State, second.ResultsOf), Is.EqualTo((RunState.NothingNew, first.Id)));
            Assert.That(second.Training!.Trainer, Is.EqualTo(first.Training!.Trainer));
            Assert.That(second.Deployment!.Version, Is.EqualTo(1));
            Assert.That(levels, Has.None.EqualTo(4003));
        });
    }

    /// <summary>Counts the instances of plug-ins.</summary>
    private sealed class Life
    {
        public bool FailsToDispose { get; init; }

        public int Made { get; set; }

        public int Disposed { get; set; }
    }

    private sealed class Target : IDeploymentTarget, IDisposable
    {
        private readonly Life _life;
        private DesiredDeployment? _desired;

        public Target(Life life)
        {
            _life = life;
            _life.Made++;
        }

        public string Name => "elsewhere";

        public TargetCapabilities Capabilities { get; } = new(InProcess: false);

        public ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            _desired = desired;
            return ValueTask.CompletedTask;
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(
                new ObservedDeployment(endpoint, _desired?.Model.Version.Version, _desired?.Model.Version.ContentHash));

        public void Dispose()
        {
            _life.Disposed++;
            if (_life.FailsToDispose) throw new InvalidOperationException("The connection is broken.");
        }
    }

    private sealed class Unregistered(Life life) : IDriftMonitor
    {
        public string Name => $"{life.Made}";

        public MonitorNeeds Needs => MonitorNeeds.Inputs;

        public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyList<Measurement>>([]);
    }
}
