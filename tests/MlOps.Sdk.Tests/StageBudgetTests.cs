using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Stages that may take so long.</summary>
[TestFixture]
public sealed class StageBudgetTests
{
    [Test]
    public async Task RunAsync_StageTakesTooLong_FailsAndNamesStageAndBudgetAndResumesThere([Values] bool listens)
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        using var ends = new ManualResetEventSlim();
        var endless = new TroubledPlugin(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(5));
            ends.Wait(TimeSpan.FromMinutes(2));
            if (listens) throw new OperationCanceledException();
        });
        if (listens) ends.Set();
        var lifecycle = SampleLifecycle.Begin(features: features => features.Auto().Apply(endless))
            .Budget(LifecycleStage.Features, TimeSpan.FromMinutes(5)).Build();

        var failure = await Assert.CatchAsync<MlOpsException>(
            () => lifecycle.RunAsync(workspace, new RunOptions { CancellationGrace = TimeSpan.FromMilliseconds(50) }));
        var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        ends.Set();
        var resumed = await SampleLifecycle.Begin().Budget(LifecycleStage.Features, TimeSpan.FromMinutes(5)).Build()
            .ResumeAsync(workspace, run.Id);

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.Contain("Stage Features took longer than its budget of 00:05:00").And.Contain("Budget("));
            Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Features));
            Assert.That(failure.InnerException, Is.TypeOf<TimeoutException>());
            Assert.That((run.State, run.Error), Is.EqualTo((RunState.Failed, failure.Message)));
            Assert.That(
                run.Stages.Single(stage => stage.Stage == LifecycleStage.Features).State, Is.EqualTo(StageState.Failed));
            Assert.That(resumed.State, Is.EqualTo(RunState.Succeeded));
        });
    }

    [Test]
    public async Task RunAsync_PluginThrowsWhatItsDriverThrowsWhenItIsCancelled_IsToldByTheToken(
        [Values("budget", "timeout", "caller")] string who)
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        var driver = new InvalidOperationException("Operation cancelled by user. Password=CANARY");
        var plugin = new TroubledPlugin(() =>
        {
            if (who == "caller") cancel.Cancel();
            else clock.Advance(TimeSpan.FromMinutes(5));
            throw driver;
        });
        var builder = SampleLifecycle.Begin(features: features => features.Auto().Apply(plugin));
        if (who == "budget") builder.Budget(LifecycleStage.Features, TimeSpan.FromMinutes(5));
        var options = new RunOptions { Timeout = who == "timeout" ? TimeSpan.FromMinutes(5) : null };

        var failure = await Assert.CatchAsync(() => builder.Build().RunAsync(workspace, options, cancellationToken: cancel.Token));
        var run = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;

        var inner = new List<Exception>();
        for (var each = failure; each is not null; each = each.InnerException) inner.Add(each);
        Assert.Multiple(() =>
        {
            Assert.That(inner, Does.Contain(driver));
            Assert.That(run.State, Is.EqualTo(who == "budget" ? RunState.Failed : RunState.Cancelled));
            Assert.That(failure, who == "caller" ? Is.InstanceOf<OperationCanceledException>() : Is.TypeOf<MlOpsException>());
            Assert.That(failure!.Message, Does.Contain(who switch
            {
                "budget" => "Stage Features took longer than its budget of 00:05:00",
                "timeout" => "took longer than its timeout of 00:05:00",
                _ => "ended with InvalidOperationException: Operation cancelled by user",
            }));
            Assert.That(run.Error, Does.Not.Contain("CANARY"));
        });
    }

    [Test]
    public async Task RunAsync_OtherBudgetOrTimeOfOtherStages_ReusesEverything()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await SampleLifecycle.Begin().Build().RunAsync(workspace);

        // Every stage takes four minutes: more together than the budget of one.
        var progress = new Steps(step =>
        {
            if (step.Step == "checking") clock.Advance(TimeSpan.FromMinutes(4));
        });
        var again = await SampleLifecycle.Begin()
            .Budget(LifecycleStage.Features, TimeSpan.FromMinutes(5))
            .Budget(LifecycleStage.Training, TimeSpan.FromMinutes(5)).Build().RunAsync(workspace, progress);

        Assert.That(again.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
    }

    [Test]
    public void RunAsync_CancelledByTheCaller_IsCancelledAndNotOverBudget()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        var plugin = new TroubledPlugin(() =>
        {
            cancel.Cancel();
            throw new OperationCanceledException();
        });
        var lifecycle = SampleLifecycle.Begin(features: features => features.Auto().Apply(plugin))
            .Budget(LifecycleStage.Features, TimeSpan.FromDays(1)).Build();

        Assert.That(
            async () =>
            {
                await using var workspace = await Workspace.OpenAsync(folder.Path);
                await lifecycle.RunAsync(workspace, null, cancel.Token);
            },
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Build_BudgetsThatCannotBe_AreListedTogether()
    {
        var builder = SampleLifecycle.Begin()
            .Budget(LifecycleStage.Deployment, TimeSpan.FromHours(1))
            .Budget(LifecycleStage.Training, TimeSpan.Zero)
            .Budget(LifecycleStage.Training, TimeSpan.FromHours(1))
            .Budget(LifecycleStage.Features, TimeSpan.FromDays(46));

        var failure = Assert.Throws<LifecycleConfigurationException>(() => builder.Build())!;

        Assert.That(failure.Message, Does.Contain("Budget names stage Deployment, which the lifecycle does not have")
            .And.Contain("budget of stage Training is 00:00:00").And.Contain("Training is set twice")
            .And.Contain("budget of stage Features is 46.00:00:00"));
        Assert.That(
            () => LifecycleBuilder.Create("x").Budget((LifecycleStage)12, TimeSpan.FromHours(1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private sealed class Steps(Action<LifecycleProgress> step) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => step(value);
    }
}
