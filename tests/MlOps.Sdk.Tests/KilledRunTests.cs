using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class KilledRunTests
{
    [Test]
    public async Task Run_KilledWhileTraining_ShowsAsInterruptedAndResumesThere()
    {
        using var folder = new TempFolder();
        var csv = folder["data.csv"];
        await File.WriteAllTextAsync(csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(600, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        using (var child = HostProcess.Start("run-until-training", folder["workspace"], csv))
        {
            Assert.That(await child.ReadLineAsync(), Is.EqualTo("training"));
            await child.KillAsync();
        }

        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var interrupted = (await workspace.Runs.LatestAsync("killed"))!;
        var resumed = await Build(csv).ResumeAsync(workspace, interrupted.Id);

        Assert.Multiple(() =>
        {
            Assert.That(interrupted.State, Is.EqualTo(RunState.Interrupted));
            Assert.That(interrupted.Stages.Last(stage => stage.State != StageState.Pending).Stage, Is.EqualTo(LifecycleStage.Training));
            Assert.That(resumed.Id, Is.EqualTo(interrupted.Id));
            Assert.That(
                resumed.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Training)
                    .Select(stage => (stage.State, stage.Reason, stage.StartedAt, stage.Elapsed)),
                Is.EqualTo(interrupted.Stages.Where(stage => stage.Stage < LifecycleStage.Training)
                    .Select(stage => (StageState.Succeeded, stage.Reason, stage.StartedAt, stage.Elapsed))),
                "what it did before stays recorded");
            Assert.That(
                resumed.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training).State,
                Is.EqualTo(StageState.Succeeded));
            Assert.That(resumed.Deployment!.IsDeployed, Is.True);
        });
    }

    [Test]
    public async Task Run_Killed_KeepsTheLogAndGoesOnWithIt()
    {
        using var folder = new TempFolder();
        var csv = folder["data.csv"];
        await File.WriteAllTextAsync(csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(300, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        using var child = HostProcess.Start("run-until-training", folder["workspace"], csv);
        Assert.That(await child.ReadLineAsync(), Is.EqualTo("training"));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var run = (await workspace.Runs.LatestAsync("killed"))!.Id;

        // While it runs, another process reads what it logged.
        IReadOnlyList<RunLogEntry> before;
        do before = (await workspace.Runs.LogAsync(run)).Entries;
        while (before.All(entry => entry.Stage != LifecycleStage.Training));
        await child.KillAsync();

        var after = (await workspace.Runs.LogAsync(run)).Entries;
        await Build(csv).ResumeAsync(workspace, run);
        var resumed = (await workspace.Runs.LogAsync(run)).Entries;

        Assert.That(after.Take(before.Count), Is.EqualTo(before));
        Assert.That(before.Count(entry => entry.EventId == 4001), Is.EqualTo(6));
        Assert.That(resumed.Take(after.Count), Is.EqualTo(after));
        Assert.That(resumed.Select(entry => entry.No), Is.EqualTo(Enumerable.Range(1, resumed.Count)));
        Assert.That(resumed[^1].EventId, Is.EqualTo(4004));
    }

    // The child builds the same lifecycle with a trainer that reports and waits for the end.
    private static Lifecycle Build(string csv) => LifecycleBuilder.Create("killed")
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromCsv(csv))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .Build();
}
