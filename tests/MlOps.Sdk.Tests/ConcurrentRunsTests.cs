using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ConcurrentRunsTests
{
    [Test]
    public async Task Run_ManyOfOneLifecycleAtOnce_AllSucceedAndEveryOneIsJudgedAgainstWhatIsLive()
    {
        using var folder = new TempFolder();
        await using var first = await Workspace.OpenAsync(folder.Path);
        await using var second = await Workspace.OpenAsync(folder.Path);
        using var gate = new Barrier(6);
        var isRacing = true;

        var runs = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() =>
        {
            // Each knows what is live before any of them promotes.
            var met = false;
            var progress = new Steps(step =>
            {
                if (step is not { Stage: LifecycleStage.Deployment, Step: "deploy" } || met || !isRacing) return;
                met = true;
                gate.SignalAndWait(TimeSpan.FromMinutes(2));
            });
            return Build(i).RunAsync(i % 2 == 0 ? first : second, progress);
        })));
        isRacing = false;

        var live = (await first.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!;
        var history = (await first.Models.AliasHistoryAsync(SampleLifecycle.Name, ModelRegistry.Champion)).Reverse().ToList();
        var deployed = runs.Where(run => run.Deployment!.IsDeployed).Select(run => run.Deployment!.Version).ToList();
        Assert.Multiple(async () =>
        {
            Assert.That(runs.Select(run => run.Record.State), Is.All.EqualTo(RunState.Succeeded));
            Assert.That(runs.Select(run => run.Deployment!.Version), Is.EquivalentTo(Enumerable.Range(1, 6)));
            Assert.That(history.Select(move => move.Version), Is.EquivalentTo(deployed));
            Assert.That(
                history.Select(move => move.Previous), Is.EqualTo(history.Select(move => (int?)move.Version).Prepend(null).SkipLast(1)));
            Assert.That(history[^1].Version, Is.EqualTo(live.Version));
            Assert.That(
                runs.Count(run => run.Deployment!.Comparison is not null), Is.EqualTo(5), "all but the first were compared");
            Assert.That((await first.Audit.VerifyAsync()).Problem, Is.Null);
            Assert.That((await first.ServeAsync(SampleLifecycle.Name), await second.ServeAsync(SampleLifecycle.Name)), Is.EqualTo(
                (live.Version, live.Version)));
        });
    }

    [Test]
    public async Task Dispose_DuringARun_LeavesItInterruptedAndSaysSo([Values] LifecycleStage stage)
    {
        using var folder = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        var progress = new Steps(step =>
        {
            if (step.Stage == stage && step.Step == "running") workspace.DisposeAsync().AsTask().Wait();
        });
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();

        var failure = await Assert.CatchAsync<Exception>(() => lifecycle.RunAsync(workspace, progress));

        await using var again = await Workspace.OpenAsync(folder.Path);
        var record = (await again.Runs.LatestAsync(SampleLifecycle.Name))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure, Is.TypeOf<MlOpsException>());
            Assert.That(failure!.Message, Does.Contain(folder.Path).And.Contain("disposed").And.Contain(record.Id));
            Assert.That(record.State, Is.EqualTo(RunState.Interrupted));
            Assert.That(record.Error, Does.Contain("disposed"));
        });
        var resumed = await lifecycle.ResumeAsync(again, record.Id);
        Assert.That(resumed.Record.State, Is.EqualTo(RunState.Succeeded));
    }

    private static Lifecycle Build(int seed) => SampleLifecycle.Begin(Subscriber.Draw(600, seed)).Deployed().Build();

    private sealed class Steps(Action<LifecycleProgress> step) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => step(value);
    }
}
