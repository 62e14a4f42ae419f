using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Ways by which rows of an earlier holdout could come into training, each tried.</summary>
[TestFixture]
public sealed class SealedHoldoutTests
{
    // Rows that can be told apart by what the tests compare.
    private static readonly Subscriber[] Rows =
    [
        .. Subscriber.Draw(1_400, 1).Where(row => row.Spend is not null).DistinctBy(row => (row.Age, row.Spend, row.Plan))
    ];

    [Test]
    public async Task Run_ColumnAdded_KeepsEarlierHoldoutRowsOutOfTraining()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await Build(data => data.Split(0.25), Rows).RunAsync(workspace);

        var second = await Build(data => data.Split(0.25), Rows.Select(
            (row, i) => new { row.Age, row.Spend, row.Plan, row.Abroad, row.Left, Shoe = 36 + i % 10 }))
            .RunAsync(workspace);

        await AssertSealedAsync(workspace, first, second);
    }

    [TestCase(0.1)]
    [TestCase(0.4)]
    public async Task Run_OtherShare_KeepsEarlierHoldoutRowsOutOfTrainingAndComparesOnUnseenRowsOnly(double share)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await Build(data => data.Split(0.25), Rows).RunAsync(workspace);

        var second = await Build(data => data.Split(share), Rows).RunAsync(workspace);

        await AssertSealedAsync(workspace, first, second);

        // With a smaller share everything that was sealed stays so, and the model is the same.
        if (share > 0.25)
        {
            Assert.That(
                second.Deployment!.Comparison!.Rows,
                Is.EqualTo(first.Deployment!.HoldoutRows),
                "the champion was trained on all other rows of the larger holdout");
        }
        else
        {
            Assert.That(second.Deployment!.ContentHash, Is.EqualTo(first.Deployment!.ContentHash));
        }
    }

    [Test]
    public async Task Run_KeyDeclaredLater_KeepsEarlierHoldoutRowsOutOfTraining()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Rows.Select((row, i) => new { Id = $"s{i}", row.Age, row.Spend, row.Plan, row.Left }).ToArray();
        var first = await Build(data => data.Split(0.25), rows, "id").RunAsync(workspace);

        var second = await Build(data => data.Split(0.25, "id"), rows, "id").RunAsync(workspace);
        var third = await Build(data => data.Split(0.25, "id"), rows, "id").RunAsync(workspace);

        await AssertSealedAsync(workspace, first, second);
        await AssertSealedAsync(workspace, first, third);
    }

    [Test]
    public async Task Run_ColumnOfTheKeyGone_IsRefusedWithTheRemedy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Build(data => data.Split(0.25), Rows).RunAsync(workspace);

        Assert.That(
            async () => await Build(data => data.Split(0.25), Rows.Select(row => new { row.Age, row.Spend, row.Plan, row.Left }))
                .RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'abroad'").And.Message.Contains("Split(test, key)"));
    }

    [Test]
    public async Task Run_SameSplitAgain_IsReused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Build(data => data.Split(0.25), Rows).RunAsync(workspace);

        var second = await Build(data => data.Split(0.25), Rows).RunAsync(workspace);

        Assert.That(second.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
    }

    [Test]
    public async Task Run_SplitterWithOtherState_IsNotReused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Build(data => data.Split(new Alternating(2)), Rows, deploy: false).RunAsync(workspace);

        var second = await Build(data => data.Split(new Alternating(3)), Rows, deploy: false).RunAsync(workspace);

        Assert.That(
            second.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Reason,
            Does.Contain("changed: splitter"));
    }

    [Test]
    public async Task Run_LabelRenamed_LeavesTheLabelOutOfTheKey()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await Build(data => data.Rename("left", "gone").Split(0.25), Rows, deploy: false, label: "gone").RunAsync(workspace);
        var corrected = Rows.Select(row => row with { Left = row.Left == "Yes" ? "No" : "Yes" }).ToArray();

        var second = await Build(data => data.Rename("left", "gone").Split(0.25), corrected, deploy: false, label: "gone")
            .RunAsync(workspace);

        Assert.That(
            second.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[ProcessingStage.HoldoutKeys],
            Is.EqualTo(first.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[ProcessingStage.HoldoutKeys]));
    }

    [Test]
    public async Task Run_ChampionOfAnotherLabel_StaysUnlessItMayBeReplaced()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Build(data => data.Split(0.25), Rows).RunAsync(workspace);
        var swapped = Rows.Select(row => new { row.Age, row.Spend, row.Plan, row.Abroad, Left = row.Left == "Yes" ? "gone" : "here" })
            .ToArray();

        var refused = await Build(data => data.Split(0.25), swapped, positive: "gone").RunAsync(workspace);
        var replaced = await Build(data => data.Split(0.25), swapped, positive: "gone", replace: true).RunAsync(workspace);

        Assert.Multiple(() =>
        {
            var gate = refused.Deployment!.Gates.Single(gate => gate.Name == "better than the live version");
            Assert.That(gate.Outcome, Is.EqualTo(GateOutcome.Failed));
            Assert.That(gate.Explanation, Does.Contain("ReplaceIncomparable"));
            Assert.That(replaced.Deployment!.IsDeployed, Is.True, replaced.Deployment.Reason);
        });
    }

    [Test]
    public async Task CrossValidate_RowsOfOneKey_StayInOneFold()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        // The label is drawn per person and cannot be predicted, but each person comes ten times: a fold that has seen the person knows.
        var random = new Random(3);
        var persons = Enumerable.Range(0, 120)
            .Select(i => (Id: i, Mark: random.NextDouble(), Left: random.NextDouble() < 0.5 ? "Yes" : "No"))
            .ToArray();
        var rows = Enumerable.Range(0, 1_200)
            .Select(i => new { persons[i % 120].Id, persons[i % 120].Mark, Visit = i, persons[i % 120].Left })
            .ToArray();
        var lifecycle = LifecycleBuilder.Create("folds")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.Split(0.25, "id"))
            .EngineerFeatures(features => features.Numeric(["mark"]))
            .TrainModel(training => training.Try(Trainers.GradientBoosting(), search => search.Fix("trees", 60)).CrossValidate(4).Trials(0))
            .Build();

        var run = await lifecycle.RunAsync(workspace);

        Assert.That(run.Training!.Leaderboard.Trials[0].Metrics["roc_auc"].Value, Is.LessThan(0.75));
    }

    private static Lifecycle Build<T>(
        Action<ProcessingBuilder> process,
        IEnumerable<T> rows,
        string? except = null,
        bool deploy = true,
        string label = "left",
        string positive = "Yes",
        bool replace = false)
    {
        var builder = LifecycleBuilder.Create("sealed")
            .DefineProblem(problem => problem.BinaryClassification(label, positive))
            .CollectData(data => data.FromObjects(rows, "rows"))
            .ProcessData(process)
            .EngineerFeatures(features => features.Auto(except: except is null ? [] : [except]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0));
        if (deploy) builder.DeployModel(deployment => _ = replace ? deployment.ToProcess().ReplaceIncomparable() : deployment.ToProcess());
        return builder.Build();
    }

    private static async Task AssertSealedAsync(Workspace workspace, LifecycleRun earlier, LifecycleRun later)
    {
        var held = await KeysAsync(workspace, earlier, ProcessingStage.Holdout);
        var trained = await KeysAsync(workspace, later, ProcessingStage.Train);
        Assert.That(held, Has.Count.GreaterThan(200));
        Assert.That(trained.Intersect(held), Is.Empty);
    }

    private static async Task<HashSet<string>> KeysAsync(Workspace workspace, LifecycleRun run, string side)
    {
        var rows = await workspace.Artifacts.ReadRowsAsync(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[side],
            CancellationToken.None);
        return [.. Enumerable.Range(0, rows.RowCount).Select(
            row => $"{rows["age"].GetText(row)}|{rows["spend"].GetText(row)}|{rows["plan"].GetText(row)}|{rows["left"].GetText(row)}")];
    }

    private sealed class Alternating(int every) : ISplitter
    {
        public string Name => "alternating";

        public IReadOnlyList<string> Key => [];

        public SplitAssignment Begin(Schema schema) => new Assignment(every);

        private sealed class Assignment(int every) : SplitAssignment
        {
            private int _row;

            public override void Assign(RecordBatch batch, ReadOnlySpan<RowKey> keys, Span<SplitSide> sides)
            {
                for (var row = 0; row < sides.Length; row++) sides[row] = _row++ % every == 0 ? SplitSide.Holdout : SplitSide.Train;
            }
        }
    }
}
