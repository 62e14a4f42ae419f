using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What can be had of a run by its id.</summary>
public sealed class WorkspaceRunsTests
{
    [Test]
    public async Task Rows_OfARunOfAnotherProcess_AreThoseAfterTheSteps()
    {
        using var folder = new TempFolder();
        LifecycleRun run;
        await using (var first = await Workspace.OpenAsync(folder.Path))
        {
            run = await LifecycleBuilder.Create("doubled")
                .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)))
                .ProcessData(data => data.Derive("twice", row => row.Number("age") * 2).Split(0.25))
                .ExploreData(explore => explore.Hypothesis(
                    "Monthly plans are left more often", rows => rows.Rate("left", "Yes").IsHigherWhere("plan", "monthly")))
                .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .Build().RunAsync(first);
        }

        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actor = "ada");
        var train = await (await workspace.TrainingRowsAsync(run.Id)).ReadAllAsync();
        var looksBefore = await workspace.Holdout.ListAsync("doubled");
        var holdout = await (await workspace.HoldoutRowsAsync(run.Id)).ReadAllAsync();
        var again = await workspace.LifecycleRunAsync(run.Id);
        var looks = await workspace.Holdout.ListAsync("doubled");

        Assert.Multiple(() =>
        {
            Assert.That((train.RowCount, holdout.RowCount), Is.EqualTo(((int)run.Processing!.TrainRows, (int)run.Processing.HoldoutRows)));
            Assert.That(train["twice"].GetNumber(0), Is.EqualTo(2 * train["age"].GetNumber(0)));
            Assert.That(looks, Has.Count.EqualTo(looksBefore.Count + 1));
            Assert.That(
                looks.Select(look => (look.Purpose, look.RunId, look.RowCount)),
                Has.Member(("read by ada", run.Id, run.Processing.HoldoutRows)), "a look at the holdout is in the ledger");
            Assert.That(again.Exploration!.ToHtml(), Is.EqualTo(run.Exploration!.ToHtml()));
            Assert.That(again.Training!.Leaderboard.ToString(), Is.EqualTo(run.Training!.Leaderboard.ToString()));
        });
        Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
        await Assert.ThatAsync(async () => await workspace.TrainingRowsAsync("no run"), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task LifecycleRun_ThatFailed_HasWhatWasFoundBefore()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("failing")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)))
            .EngineerFeatures(features => features.Numeric(["no such column"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Build();
        await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));

        var run = await workspace.LifecycleRunAsync((await workspace.Runs.LatestAsync("failing"))!.Id);

        Assert.Multiple(() =>
        {
            Assert.That(run.Collection!.Rows, Is.EqualTo(500));
            Assert.That(run.Processing!.TrainRows, Is.GreaterThan(300));
            Assert.That(run.Training, Is.Null);
            Assert.That(run.ToString(), Does.Contain("Failed").And.Contain("no such column"));
        });
    }
}
