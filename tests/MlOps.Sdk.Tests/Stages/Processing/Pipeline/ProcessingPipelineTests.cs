using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Processing.PipelineRuns;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ProcessingPipelineTests
{
    [Test]
    public async Task RunAsync_Steps_RunInTheOrderWrittenAndAreCounted()
    {
        var run = await RunAsync(Customers(500), steps => steps
            .Filter(row => row.Number("tenure") > 0)
            .Rename("tenure", "months")
            .Derive("years", row => row.Number("months") / 12)
            .Drop("months")
            .DropDuplicates("id"));
        Assert.That(run.Result.Schema.ToString(), Is.EqualTo("id: Integer, contract: Text, churn: Text, years: Number"));
        Assert.That(
            run.Result.Steps.Select(step => step.Step.Split('(')[0]),
            Is.EqualTo(new[] { "filter", "rename", "derive", "drop", "drop-duplicates" }));
        Assert.That(run.Result.Steps[0].RowsIn, Is.EqualTo(500));
        Assert.That(run.Result.Steps[0].RowsOut, Is.LessThan(500));
        Assert.That(run.Train.RowCount + run.Holdout.RowCount, Is.EqualTo(run.Result.Steps[^1].RowsOut));
        Assert.That(run.Result.TrainRows, Is.EqualTo(run.Train.RowCount));
    }

    [Test]
    public async Task RunAsync_SnapshotBytes_DoNotDependOnBatches()
    {
        var one = await RunAsync(Customers(500), _ => { });
        var other = await RunAsync(Customers(500), _ => { }, size: 17);
        Assert.That(other.TrainBytes, Is.EqualTo(one.TrainBytes));
    }

    [Test]
    public async Task RunAsync_QuarantineAndMissingLabels_AreSetAsideWithReasons()
    {
        var text = string.Concat(
            Enumerable.Range(0, 200).Select(i => $"{(i % 50 == 0 ? 500 : i % 60)},{(i % 40 == 1 ? "" : i % 2 == 0 ? "Yes" : "No")}\n"));
        var run = await RunAsync(Tables.Batch("tenure:Integer,churn:Text\n" + text), steps => steps
            .Expect(rows => rows.Column("tenure").Between(0, 120), OnFailure.Quarantine)
            .Cast("tenure", ColumnType.Text));
        Assert.That(run.Result.QuarantinedRows, Is.EqualTo(9));
        Assert.That(run.Result.RowsWithoutLabel, Is.EqualTo(5));
        Assert.That(
            Rows(run.Quarantine).Count(
                row => row.EndsWith(",tenure.between", StringComparison.Ordinal) && row.StartsWith("500,", StringComparison.Ordinal)),
            Is.EqualTo(4));
        Assert.That(Rows(run.Quarantine).Count(row => row.EndsWith(",label: missing", StringComparison.Ordinal)), Is.EqualTo(5));
        Assert.That(run.Train.RowCount + run.Holdout.RowCount, Is.EqualTo(191));
        var result = run.Result.Expectations.Single();
        Assert.That((result.RowsFailed, result.RowsChecked, result.Met), Is.EqualTo((4L, 200L, false)));
        Assert.That(
            result.Examples.Select(example => (example.Row, example.Value)),
            Is.EqualTo(new[] { (1L, "500"), (51L, "500"), (101L, "500"), (151L, "500") }));
        Assert.That(
            Encoding.UTF8.GetString(run.Result.ExpectationsJson()),
            Does.Contain("\"name\":\"tenure.between\"").And.Contain("\"onFailure\":\"Quarantine\""));
    }

    [Test]
    public async Task RunAsync_FailedExpectations_ListsAllAndWritesNoTrainingRow()
    {
        var train = new MemoryStream();
        var failure = (await Assert.ThrowsAsync<ExpectationFailedException>(() => RunAsync(Customers(300), steps => steps
            .Expect(rows => rows.Column("tenure").NotNull())
            .Expect(rows => rows.Column("tenure").Between(5, 20))
            .Expect(rows => rows.RowCount(1_000))
            .Expect(rows => rows.Column("contract").In("A"), OnFailure.Warn)
            .Expect(rows => rows.Column("contract").Unique()), train: train)))!;
        Assert.That(
            failure.Message,
            Does.Contain("3 expectations")
                .And.Contain("tenure is between 5 and 20")
                .And.Contain("there are at least 1,000 rows: there are 300")
                .And.Contain("contract is unique"));
        Assert.That(failure.Results.Select(result => result.Met), Is.EqualTo(new[] { true, false, false, false, false }));
        Assert.That(failure.Results.Select(result => result.Examples.Count), Has.All.LessThanOrEqualTo(5));
        Assert.That(train.Length, Is.Zero);
    }

    [TestCase(0.9, true)]
    [TestCase(0.99, false)]
    public async Task RunAsync_Mostly_ToleratesAShare(double mostly, bool met)
    {
        var run = await RunAsync(
            Customers(300),
            steps => steps.Expect(rows => rows.Column("tenure").Between(1, 100), OnFailure.Warn, mostly));
        Assert.That(run.Result.Expectations.Single().Met, Is.EqualTo(met));
    }

    [TestCase(0.98, 0)]
    [TestCase(0.99, 1)]
    public async Task RunAsync_MostlyOfAQuarantine_LimitsWhatIsSetAside(double mostly, int failures)
    {
        Task<Outcome> Run() => RunAsync(
            Customers(300),
            steps => steps
                .Expect(rows => rows.Column("tenure").Between(1, 100), OnFailure.Quarantine, mostly)
                .Expect(rows => rows.Column("id").Between(0, 200), OnFailure.Quarantine));

        if (failures == 0)
        {
            Assert.That(
                (await Run()).Result.Expectations.Select(result => (result.RowsFailed, result.FailsRun)),
                Is.EqualTo(new[] { (5L, false), (97L, false) }));
        }
        else
        {
            Assert.That(
                async () => await Run(),
                Throws.TypeOf<ExpectationFailedException>()
                    .With.Message.Contains("do not meet 1 expectation: tenure is between 1 and 100"));
        }
    }

    [Test]
    public void RunAsync_MissingLabelColumn_SuggestsTheNearest() =>
        Fails(Customers(20), steps => steps.Rename("churn", "churned"), "Did you mean 'churned'");

    [Test]
    public void RunAsync_OneClass_SaysSo() => Fails(Tables.Batch("x:Integer,churn:Text\n1,Yes\n2,Yes"), _ => { }, "only one class, 'Yes'");

    [Test]
    public void RunAsync_ThreeClassesForABinaryProblem_ListsThem() =>
        Fails(Tables.Batch("x:Integer,churn:Text\n1,Yes\n2,No\n3,Perhaps"), _ => { }, "'No', 'Perhaps', 'Yes'");

    [Test]
    public void RunAsync_PositiveClassThatDoesNotOccur_ListsTheClasses() =>
        Fails(Tables.Batch("x:Integer,churn:Text\n1,yes\n2,No"), _ => { }, "positive class 'Yes' does not occur");

    [Test]
    public void RunAsync_NothingLeft_SaysSo() =>
        Fails(Customers(20), steps => steps.Filter(row => row.Number("tenure") > 1e9), "No row is left");

    [Test]
    public void RunAsync_DroppedColumnThatDoesNotExist_SuggestsTheNearest() =>
        Fails(Customers(20), steps => steps.Drop("tenrue"), "Did you mean 'tenure'");

    [Test]
    public void RunAsync_CastThatFailsInALaterBatch_NamesTheRow() => Fails(
        Tables.Batch("x:Text,churn:Text\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{(i == 24 ? "none" : i)},Yes\n"))),
        steps => steps.Cast("x", ColumnType.Number),
        "Row 25: 'none' cannot become Number");

    [Test]
    public void RunAsync_TextLabelForRegression_ShowsAValue() => Assert.That(
        () => RunAsync(Customers(20), _ => { }, Churn with { Task = TaskKind.Regression, Label = "contract" }),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("regression predicts numbers"));

    [Test]
    public async Task RunAsync_Regression_NeedsNoClasses()
    {
        var run = await RunAsync(Customers(100), _ => { }, Churn with { Task = TaskKind.Regression, Label = "tenure" });
        Assert.That(run.Result.Classes, Is.Empty);
        Assert.That(run.Result.HoldoutRows, Is.GreaterThan(5));
    }

    [TestCase(7)]
    [TestCase(1_000)]
    public async Task RunAsync_LastRowOfAKey_ComesWithItsRawRow(int size)
    {
        var text = string.Concat(Enumerable.Range(0, 400).Select(i => $"{i % 200},{i},{(i % 3 == 0 ? "Yes" : "No")}\n"));
        var run = await RunAsync(
            Tables.Batch("id:Integer,x:Integer,churn:Text\n" + text),
            steps => steps.Derive("twice", row => row.Number("x") * 2).DropDuplicates(["id"], KeepRow.Last),
            size: size);

        Assert.That(run.Train.RowCount + run.Holdout.RowCount, Is.EqualTo(200));
        Assert.That(Enumerable.Range(0, run.Train.RowCount).Select(run.Train["x"].GetNumber), Is.All.AtLeast(200));
        Assert.That(run.TrainRaw!.Schema.Contains("twice"), Is.False, "the step before is still packaged");
        Assert.That(
            Enumerable.Range(0, run.TrainRaw.RowCount).Select(run.TrainRaw["x"].GetNumber),
            Is.EqualTo(Enumerable.Range(0, run.Train.RowCount).Select(run.Train["x"].GetNumber)));
    }

    [Test]
    public async Task RunAsync_StepsThatMakeRowsAnew_ServeWhatComesBehindThem()
    {
        var text = string.Concat(Enumerable.Range(0, 600)
            .Select(i => $"{i % 100},{new DateTime(2024, 1, 1).AddHours(i):O},{i % 7},{(i % 100 % 3 == 0 ? "Yes" : "No")}\n"));
        var plans = SetSteps.Table("id:Integer,size:Number\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i},{i * 2}\n")));
        var run = await RunAsync(Tables.Batch("id:Integer,at:Timestamp,x:Integer,churn:Text\n" + text), steps => steps
            .Aggregate(["id"], "at", TimeSpan.FromDays(10_000), columns => columns.Sum("x", "sum").Last("churn", "churn"))
            .Join(plans, ["id"])
            .Derive("ratio", row => row.Number("sum") / row.Number("size"))
            .Drop("window_start", "window_end"));

        Assert.That(run.Train.RowCount + run.Holdout.RowCount, Is.EqualTo(100));
        Assert.That(run.Train.Schema.ToString(), Is.EqualTo("id: Integer, sum: Number, churn: Text, size: Number, ratio: Number"));
        Assert.That(
            run.TrainRaw!.Schema.ToString(),
            Is.EqualTo("id: Integer, window_start: Timestamp, window_end: Timestamp, sum: Number, churn: Text, size: Number"));
    }

    [Test]
    public async Task Fingerprint_ReferenceOfAnotherContent_Differs()
    {
        static async Task<string> Of(string table)
        {
            var plan = new ProcessingBuilder()
                .Join(SetSteps.Table(table), ["id"])
                .PointInTimeJoin(SetSteps.Table("id:Integer,at:Timestamp\n1,2024-01-01"), ["id"], "time", "at")
                .Build();
            var pipeline = new ProcessingPipeline(plan, PluginServices.None);
            await pipeline.LoadAsync();
            var fingerprint = new FingerprintBuilder();
            pipeline.Describe(fingerprint);
            Assert.That(fingerprint.Opaque, Is.Null);
            return fingerprint.Compute();
        }

        var one = await Of("id:Integer,size:Number\n1,2\n2,3");
        Assert.That(await Of("id:Integer,size:Number\n1,2\n2,3"), Is.EqualTo(one));
        Assert.That(await Of("id:Integer,size:Number\n1,2\n2,4"), Is.Not.EqualTo(one));
    }

    [Test]
    public async Task RunAsync_StepOfTheUsersOwn_IsAppliedFromServicesToo()
    {
        await using var services = new ServiceCollection().AddSingleton<EverySecondRow>().BuildServiceProvider();
        var given = await RunAsync(Customers(200), steps => steps.Apply(new EverySecondRow()), size: 10);
        var resolved = await RunAsync(Customers(200), steps => steps.Apply<EverySecondRow>(), size: 10, services: services);
        Assert.That(given.Train.RowCount + given.Holdout.RowCount, Is.EqualTo(100));
        Assert.That(resolved.TrainBytes, Is.EqualTo(given.TrainBytes));
    }

    [Test]
    public void Fingerprint_SameSteps_IsEqual_OtherOptions_Differ()
    {
        static string? Of(Action<ProcessingBuilder> configure)
        {
            var builder = new ProcessingBuilder();
            configure(builder);
            var fingerprint = new FingerprintBuilder();
            new ProcessingPipeline(builder.Build(), PluginServices.None).Describe(fingerprint);
            return fingerprint.Opaque is null ? fingerprint.Compute() : null;
        }

        var one = Of(steps => steps.Derive("x", row => row.Number("a") + 1).Expect(rows => rows.Column("a").Between(0, 1)));
        Assert.That(
            Of(steps => steps.Derive("x", row => row.Number("a") + 1).Expect(rows => rows.Column("a").Between(0, 1))),
            Is.EqualTo(one));
        Assert.That(
            Of(steps => steps.Derive("x", row => row.Number("a") + 2).Expect(rows => rows.Column("a").Between(0, 1))),
            Is.Not.EqualTo(one));
        Assert.That(
            Of(steps => steps.Derive("x", row => row.Number("a") + 1).Expect(rows => rows.Column("a").Between(0, 2))),
            Is.Not.EqualTo(one));
        Assert.That(Of(steps => steps.Split(0.2)), Is.EqualTo(Of(_ => { })));
        Assert.That(Of(steps => steps.Split(0.3)), Is.Not.EqualTo(Of(_ => { })));
    }

    [Test]
    public void RowProcessors_SetWiseStepsBetween_AreOnlyTheRowWiseOnes()
    {
        var pipeline = new ProcessingPipeline(
            new ProcessingBuilder().Rename("a", "b").DropDuplicates().Cast("b", ColumnType.Text).Build(),
            PluginServices.None);
        Assert.That(pipeline.RowProcessors.Select(step => step.FormatId), Is.EqualTo(new[] { "mlops.rename/1", "mlops.cast/1" }));
    }

    [Test]
    public async Task RunAsync_Afterwards_NoTemporaryFileIsLeft()
    {
        using var folder = new TempFolder();
        await RunAsync(Customers(100), _ => { }, spool: folder.Path);
        Assert.That(
            async () => await RunAsync(Customers(100), steps => steps.Expect(rows => rows.RowCount(500)), spool: folder.Path),
            Throws.TypeOf<ExpectationFailedException>());
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty);
    }

    private sealed class EverySecondRow : IDataProcessor
    {
        public Schema Bind(Schema input) => input;

        public async IAsyncEnumerable<RecordBatch> ProcessAsync(
            IAsyncEnumerable<RecordBatch> rows,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var batch in rows.WithCancellation(cancellationToken))
            {
                yield return batch.Take([.. Enumerable.Range(0, batch.RowCount).Where(row => row % 2 == 0)]);
            }
        }
    }
}
