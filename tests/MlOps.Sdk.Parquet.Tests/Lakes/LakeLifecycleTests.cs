using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

/// <summary>Lifecycles that read a lake, copy their rows to one and score into one.</summary>
[TestFixture]
public sealed class LakeLifecycleTests : LakeFixture
{
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open() => _workspace = await Workspace.OpenAsync(Folder["workspace"]);

    [TearDown]
    public async Task Close() => await _workspace.DisposeAsync();

    [Test]
    public async Task ScoreAsync_SameScoringAgain_IsThereOnce()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await PutTableAsync("customers", "first", Subscriber.Draw(300, seed: 3));

        foreach (var expected in new[] { 300, 300 })
        {
            var report = await ScoreAsync(new ScoringOptions());
            Assert.That(report.Rows, Is.EqualTo(300));
            Assert.That(await RowsAsync(Source(Store, "scores")), Has.Length.EqualTo(expected));
        }

        await ScoreAsync(new ScoringOptions { Keep = ["age"] });
        Assert.That(await CountAsync("scores"), Is.EqualTo(600), "Another scoring is another table.");
    }

    [Test]
    public async Task ScoreAsync_NamedTableOfOtherRows_TakesThePlaceOfTheEarlierOne()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await PutTableAsync("customers", "first", Subscriber.Draw(300, seed: 3));
        await ScoreAsync(new ScoringOptions { Table = "monday" });
        await PutTableAsync("customers", "second", Subscriber.Draw(50, seed: 4));

        await ScoreAsync(new ScoringOptions { Table = "monday" });

        var rows = await Tables.ReadAsync(Source(Store, "scores"));
        Assert.That(rows.RowCount, Is.EqualTo(350));
        Assert.That(rows.Schema.Contains("decision") && rows.Schema["model_version"].Type == ColumnType.Integer, Is.True);
        Assert.That(
            async () => await ScoreAsync(new ScoringOptions { Table = " " }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("ScoringOptions.Table"));
    }

    [Test]
    public async Task CopyTo_TwoRuns_HasTheRowsOfTheLast()
    {
        await PutTableAsync("rows", "first", Subscriber.Draw(400, seed: 1));
        var first = await LearnAsync();
        Assert.That(await SidesAsync(), Is.EqualTo((first.Processing!.TrainRows, first.Processing.HoldoutRows)));
        var again = (await LearnAsync()).Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing);
        Assert.That(again.State, Is.EqualTo(StageState.Reused));

        await PutTableAsync("rows", "second", Subscriber.Draw(100, seed: 2));
        var last = await LearnAsync();

        Assert.That(last.Processing!.TrainRows + last.Processing.HoldoutRows, Is.GreaterThan(400));
        Assert.That(await SidesAsync(), Is.EqualTo((last.Processing.TrainRows, last.Processing.HoldoutRows)));
    }

    [Test]
    public async Task FromObjects_OnlyNewBesideEarlierRows_AddsWhatIsNew()
    {
        await PutTableAsync("rows", "monday", Subscriber.Draw(400, seed: 1));
        await LearnAsync(onlyNew: true);
        await PutTableAsync("rows", "tuesday", Subscriber.Draw(70, seed: 2));

        var second = await LearnAsync(onlyNew: true);
        Assert.That((second.Collection!.Rows, second.Collection.EarlierRows), Is.EqualTo((470L, 400L)));
        await PutTableAsync("rows", "monday", Subscriber.Draw(400, seed: 5));

        Assert.That(
            async () => await LearnAsync(onlyNew: true),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("its earlier rows are kept"));
    }

    private Task PutTableAsync(string prefix, string table, Subscriber[] rows) =>
        DataSources.Objects(rows).WriteToAsync(DataSinks.ParquetObjects(Store, prefix, []), table);

    private Task<ScoringReport> ScoreAsync(ScoringOptions options) => _workspace.ScoreAsync(
        SampleLifecycle.Name,
        Source(Store, "customers"),
        DataSinks.ParquetObjects(Store, "scores", ["model_version"]),
        options);

    private async Task<long> CountAsync(string prefix) => (long)(await Task.Run(() => Duck.Query(
        $"SELECT count(*) FROM read_parquet('{LakePath}/{prefix}/**/*.parquet', union_by_name = true)")))[0][0]!;

    private Task<LifecycleRun> LearnAsync(bool onlyNew = false) => LifecycleBuilder.Create("lake")
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes").Cost(1, 3))
        .CollectData(data =>
        {
            data.FromObjects(
                Store, "rows", objects => objects.Parquet(), read =>
                {
                    if (onlyNew) read.OnlyNew();
                });
            if (onlyNew) data.KeepEarlierRows();
        })
        .ProcessData(data => data.Split(test: 0.25).CopyTo(DataSinks.ParquetObjects(Store, "copy", ["split"])))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
        .EngineerFeatures(features => features.Auto())
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .Build()
        .RunAsync(_workspace);

    private async Task<(long Train, long Holdout)> SidesAsync()
    {
        var rows = await Tables.ReadAsync(Source(Store, "copy"));
        var sides = Enumerable.Range(0, rows.RowCount).CountBy(row => rows["split"].GetText(row)!).ToDictionary();
        return (sides.GetValueOrDefault("train"), sides.GetValueOrDefault("holdout"));
    }
}
