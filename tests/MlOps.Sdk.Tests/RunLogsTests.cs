using Microsoft.Extensions.Logging;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What a run of a lifecycle leaves in its log.</summary>
[TestFixture]
public sealed class RunLogsTests
{
    [Test]
    public async Task RunAsync_WithoutLoggersOfTheApplication_KeepsWhatTheLibraryAndPluginsLogged()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await SampleLifecycle.Begin(train: training => training.Try(new Talkative()).CrossValidate(2).Trials(0))
            .Deployed().Build().RunAsync(workspace);

        var entries = (await workspace.Runs.LogAsync(run.Id)).Entries;
        Assert.Multiple(() =>
        {
            Assert.That(entries.Select(entry => entry.No), Is.EqualTo(Enumerable.Range(1, entries.Count)));
            Assert.That(
                entries.Where(entry => entry.EventId == 4001).Select(entry => entry.Stage),
                Is.EqualTo(run.Record.Stages.Select(stage => (LifecycleStage?)stage.Stage)));
            Assert.That(entries[^1].EventId, Is.EqualTo(4004), "the end of the run");
            Assert.That(entries[^1].Stage, Is.Null);
            Assert.That(entries.Select(entry => entry.Message), Has.Some.Contains("is live").Or.Some.Contains("deployed"));
            var talk = entries.Where(entry => entry.Message == "trained in a task of its own").ToList();
            Assert.That(talk, Is.Not.Empty);
            Assert.That(talk.Select(each => (each.Stage, each.Level)), Is.All.EqualTo(
                ((LifecycleStage?)LifecycleStage.Training, LogLevel.Warning)));
            Assert.That(entries.Select(entry => entry.Message), Has.None.Contains("too fine"));
        });
    }

    [Test]
    public async Task RunAsync_ThatFails_HasTheFailureAndItsCause()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin(
            features: features => features.Auto().Apply(new TroubledPlugin(() => throw new FormatException("<b>Password=CANARY</b>"))))
            .Build();

        await Assert.CatchAsync<MlOpsException>(() => lifecycle.RunAsync(workspace));

        var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        var failed = (await workspace.Runs.LogAsync(run.Id, new RunLogQuery { MinimumLevel = LogLevel.Error })).Entries.Single();
        var page = (await workspace.LifecycleRunAsync(run.Id)).ToHtml();
        Assert.Multiple(() =>
        {
            Assert.That((failed.EventId, failed.Stage), Is.EqualTo((4003, (LifecycleStage?)LifecycleStage.Features)));
            Assert.That(failed.ExceptionType, Is.EqualTo(typeof(MlOpsException).FullName));
            Assert.That(failed.Exception, Does.Contain("System.FormatException: <b>Password").And.Not.Contain("CANARY"));
            Assert.That(page, Does.Contain("<details><summary>Log: ").And.Contain("System.FormatException: &lt;b&gt;Password"));
            Assert.That(page, Does.Not.Contain("CANARY").And.Not.Contain("<b>Password"));
        });
    }

    [Test]
    public async Task RunAsync_NoLogsOfRuns_KeepsNone()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.RunLogLevel = LogLevel.None);

        var run = await SampleLifecycle.Begin().Build().RunAsync(workspace);

        var page = await workspace.Runs.LogAsync(run.Id);
        Assert.That((page.Entries.Count, page.Dropped), Is.EqualTo((0, 0L)));
        Assert.That(run.ToHtml(), Does.Not.Contain("<details>"));
    }

    [Test]
    public async Task RunAsync_TwoAtOnce_EachHasItsOwnMessages()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(seed => Task.Run(
            () => SampleLifecycle.Begin(Subscriber.Draw(400, seed)).Build().RunAsync(workspace))));

        foreach (var run in runs)
        {
            var entries = (await workspace.Runs.LogAsync(run.Id)).Entries;
            Assert.That(entries.Count(entry => entry.EventId is 4001 or 4002), Is.EqualTo(7));
            Assert.That(entries.Single(entry => entry.EventId == 4004).Message, Does.Contain(run.Id));
        }
    }

    [Test]
    public async Task ApplicationsLoggers_HearWhatTheyHeardBefore()
    {
        using var folder = new TempFolder();
        var heard = new List<int>();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path,
            options => (options.LoggerFactory, options.RunLogLevel) = (new LogWatcher(each =>
            {
                lock (heard) heard.Add(each.Id);
            }), LogLevel.Warning));

        var run = await SampleLifecycle.Begin().Build().RunAsync(workspace);

        Assert.That(heard.Count(id => id == 4001), Is.EqualTo(7));
        Assert.That(heard.Count(id => id == 4004), Is.EqualTo(1));
        Assert.That(
            (await workspace.Runs.LogAsync(run.Id)).Entries.Select(entry => entry.Level), Is.All.GreaterThanOrEqualTo(LogLevel.Warning));
    }

    [Test]
    public async Task TrackedRun_Logger_LogsIntoItsRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = await workspace.StartRunAsync("notebook");

        run.Logger.LogInformation("read {Rows} rows", 3);
        await run.CompleteAsync();
        await run.DisposeAsync();

        var entry = (await workspace.Runs.LogAsync(run.Id)).Entries.Single();
        Assert.That((entry.Message, entry.Stage), Is.EqualTo(("read 3 rows", (LifecycleStage?)null)));
    }

    private sealed class Talkative : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public string Name => "talkative";

        public string Version => "1";

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            // Without the flow of the caller: the logger knows its run.
            Task told;
            using (ExecutionContext.SuppressFlow())
            {
                told = Task.Run(
                    () =>
                    {
                        context.Logger.LogWarning("trained in a task of its own");
                        context.Logger.LogDebug("too fine");
                    },
                    cancellationToken);
            }
            await told;
            return await _inner.TrainAsync(context, cancellationToken);
        }
    }
}
