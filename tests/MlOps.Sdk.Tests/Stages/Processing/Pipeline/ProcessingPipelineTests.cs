using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ProcessingPipelineTests
{
    private static readonly ProblemDefinition Churn = new()
    {
        Task = TaskKind.BinaryClassification,
        Label = "churn",
        PositiveClass = "Yes"
    };

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
    public async Task RunAsync_DropDuplicates_KeepsTheFirst()
    {
        var rows = Tables.Batch("id:Integer,x:Number,churn:Text\n"
            + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i % 50},{(i < 50 ? 1 : 2)},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var all = Concat(await RunAsync(rows, steps => steps.DropDuplicates("id"), size: 7));
        Assert.That(all, Has.Count.EqualTo(50));
        Assert.That(all, Has.All.Contains(",1,"));
        Assert.That(Concat(await RunAsync(rows, steps => steps.DropDuplicates())), Has.Count.EqualTo(100));
    }

    [Test]
    public async Task RunAsync_AnyOrderAndBatchSizeAndColumnOrder_RowsKeepTheirSide()
    {
        var rows = Customers(800);
        var first = await RunAsync(rows, _ => { });
        var held = Concat(first, holdoutOnly: true).ToHashSet();
        var shuffled = rows.Take([.. Enumerable.Range(0, 800).OrderBy(i => i * 7919 % 800)]);
        Assert.That(Concat(await RunAsync(shuffled, _ => { }, size: 13), holdoutOnly: true), Is.EquivalentTo(held));
        int[] order = [3, 1, 0, 2];
        var turned = new RecordBatch(new Schema(order.Select(i => rows.Schema[i])), [.. order.Select(i => rows.Columns[i])]);
        var second = await RunAsync(turned, _ => { });
        Assert.That(second.Result.HoldoutKeys, Is.EqualTo(first.Result.HoldoutKeys));
        Assert.That(held, Has.Count.InRange(110, 210));
    }

    [Test]
    public async Task RunAsync_MoreRowsOrALargerShare_MovesNoRowToTraining()
    {
        var few = await RunAsync(Customers(400), _ => { });
        var many = await RunAsync(Customers(1_200), steps => steps.Derive("x", row => row.Number("tenure")).Split(0.3));
        Assert.That(few.Result.HoldoutKeys, Is.SubsetOf(many.Result.HoldoutKeys));
    }

    [Test]
    public async Task RunAsync_StepsChanged_RowsKeepTheirSide()
    {
        var plain = await RunAsync(Customers(400), _ => { });
        var processed = await RunAsync(
            Customers(400),
            steps => steps.NormalizeText("contract").Drop("tenure").Derive("x", row => row.Number("id") * 2));
        Assert.That(processed.Result.HoldoutKeys, Is.EqualTo(plain.Result.HoldoutKeys));
    }

    [Test]
    public async Task RunAsync_SmallerShareWithSealedKeys_KeepsThemHeldOut()
    {
        var before = await RunAsync(Customers(400), steps => steps.Split(0.4));
        var after = await RunAsync(Customers(400), steps => steps.Split(0.1), sealedKeys: before.Result.HoldoutRowKeys);
        Assert.That(after.Result.HoldoutKeys, Is.EqualTo(before.Result.HoldoutKeys));
        Assert.That(after.Result.SealedRows, Is.GreaterThan(50));
    }

    [Test]
    public async Task RunAsync_OtherSalt_SplitsOtherwise()
    {
        var one = await RunAsync(Customers(400), _ => { });
        var other = await RunAsync(Customers(400), _ => { }, salt: "other");
        Assert.That(other.Result.HoldoutKeys, Is.Not.EquivalentTo(one.Result.HoldoutKeys));
    }

    [Test]
    public async Task RunAsync_DeclaredKey_KeepsRowsOfAKeyTogetherWhateverTheLabel()
    {
        var rows = Tables.Batch("id:Integer,x:Number,churn:Text\n"
            + string.Concat(Enumerable.Range(0, 900).Select(i => $"{i / 3},{i},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var run = await RunAsync(rows, steps => steps.Split(0.25, "id"));
        var train = Ids(run.Train);
        var holdout = Ids(run.Holdout);
        Assert.That(train.Intersect(holdout), Is.Empty);
        Assert.That(run.Holdout.RowCount, Is.EqualTo(holdout.Count * 3));
        Assert.That(run.Result.HoldoutKeys, Has.Count.EqualTo(holdout.Count));

        static HashSet<double> Ids(Dataset data) => [.. Enumerable.Range(0, data.RowCount).Select(data["id"].GetNumber)];
    }

    [Test]
    public async Task RunAsync_EqualRows_StayTogether()
    {
        var rows = Tables.Batch(
            "x:Integer,churn:Text\n" + string.Concat(Enumerable.Range(0, 600).Select(i => $"{i % 100},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var run = await RunAsync(rows, _ => { });
        Assert.That(Concat(run, holdoutOnly: true).Intersect(Rows(run.Train)), Is.Empty);
    }

    [Test]
    public async Task RunAsync_IntegerOrNumber_GivesEqualKeys()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},{(i % 2 == 0 ? "Yes" : "No")}\n"));
        var integers = await RunAsync(Tables.Batch("x:Integer,churn:Text\n" + text), _ => { });
        var numbers = await RunAsync(Tables.Batch("x:Number,churn:Text\n" + text), _ => { });
        Assert.That(numbers.Result.HoldoutKeys, Is.EqualTo(integers.Result.HoldoutKeys));
    }

    [Test]
    public async Task RunAsync_SnapshotBytes_DoNotDependOnBatches()
    {
        var one = await RunAsync(Customers(500), _ => { });
        var other = await RunAsync(Customers(500), _ => { }, size: 17);
        Assert.That(other.TrainBytes, Is.EqualTo(one.TrainBytes));
    }

    [Test]
    public async Task RunAsync_SplitByTime_HoldsTheNewestOut()
    {
        var rows = Timed(200);
        var run = await RunAsync(rows, steps => steps.SplitByTime("at", 0.25));
        Assert.That(run.Holdout.RowCount, Is.InRange(50, 51));
        Assert.That(
            Enumerable.Range(0, run.Train.RowCount).Max(run.Train["at"].GetNumber),
            Is.LessThan(Enumerable.Range(0, run.Holdout.RowCount).Min(run.Holdout["at"].GetNumber)));
        var cut = await RunAsync(rows, steps => steps.SplitByTime("at", new DateTime(2024, 1, 31, 0, 0, 0, DateTimeKind.Utc)));
        Assert.That(cut.Train.RowCount, Is.EqualTo(60));
    }

    [Test]
    public async Task RunAsync_SplitByTimeWithAGap_LeavesTheRowsBetweenOnNeitherSide()
    {
        var rows = Timed(200);
        var from = new DateTime(2024, 1, 31, 0, 0, 0, DateTimeKind.Utc);
        var run = await RunAsync(rows, steps => steps.SplitByTime("at", from, TimeSpan.FromDays(5)));

        Assert.That((run.Result.TrainRows, run.Result.GapRows, run.Result.HoldoutRows), Is.EqualTo((50L, 10L, 140L)));
        Assert.That(
            Enumerable.Range(0, run.Train.RowCount).Max(((TimestampColumn)run.Train["at"]).GetTimestamp),
            Is.EqualTo(from.AddDays(-5.5)));
        Assert.That(run.Result.TrainRowKeys.Keys.Length + run.Result.HoldoutRowKeys.Keys.Length, Is.EqualTo(190));
        Assert.That(run.Result.Classes.Values.Sum(sides => sides.Train + sides.Holdout), Is.EqualTo(190));
    }

    [Test]
    public async Task RunAsync_SplitByGroup_PutsNoGroupOnBothSidesAlsoInALaterRun()
    {
        static RecordBatch Visits(int from, int count) => Tables.Batch("customer:Text,x:Integer,churn:Text\n"
            + string.Concat(Enumerable.Range(from, count).Select(i => $"c{i * 7 % 90},{i},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var first = await RunAsync(Visits(0, 900), steps => steps.SplitByGroup("customer", 0.3), size: 11);
        var later = await RunAsync(Visits(900, 900), steps => steps.SplitByGroup("customer", 0.1), sealedKeys: first.Result.HoldoutRowKeys);

        Assert.That(Customers(first.Train).Intersect(Customers(first.Holdout)), Is.Empty);
        Assert.That(Customers(first.Holdout), Has.Count.InRange(15, 40));
        Assert.That(Customers(later.Train).Intersect(Customers(first.Holdout)), Is.Empty, "rows that came later belong to their group");

        static HashSet<string> Customers(
            Dataset data) => [.. Enumerable.Range(0, data.RowCount).Select(row => data["customer"].GetText(row)!)];
    }

    [Test]
    public void RunAsync_SplitByTimeBeforeAllRows_SaysThatASideIsEmpty() =>
        Fails(Timed(20), steps => steps.SplitByTime("at", new DateTime(2000, 1, 1)), "0 rows to learn from");

    [Test]
    public void RunAsync_ClassWithoutHoldoutRow_NamesIt() => Fails(
        Tables.Batch("x:Integer,churn:Text\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i},{(i == 7 ? "Yes" : "No")}\n"))),
        _ => { },
        "The class 'Yes' has 1 row, which is not in the");

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
                .And.Contain("there are at least 1000 rows: there are 300")
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
    public void RunAsync_OneClass_SaysSo() => Fails(Tables.Batch("x:Integer,churn:Text\n1,Yes\n2,Yes"), _ => { }, "only one class 'Yes'");

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
    public void RunAsync_MissingKeyValue_NamesTheRow() => Fails(
        Tables.Batch("id:Integer,churn:Text\n1,Yes\n,No"), steps => steps.Split(0.2, "id"), "Row 2: The row has no value in its key.");

    [Test]
    public async Task RunAsync_RowsWithoutAKeyThatAStepLeavesOut_AreNoMistake()
    {
        var rows = Tables.Batch("id:Text,x:Integer,churn:Text\n"
            + string.Concat(Enumerable.Range(0, 200).Select(i => $"{(i % 10 == 7 ? "" : $"c{i}")},{i},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var filtered = await RunAsync(rows, steps => steps.Filter(row => row.Number("x") % 10 != 7).Split(0.3, "id"), size: 7);
        var aside = await RunAsync(
            rows, steps => steps.Split(0.3, "id").Expect(expect => expect.Column("id").NotNull(), OnFailure.Quarantine), size: 7);

        Assert.That((filtered.Result.TrainRows + filtered.Result.HoldoutRows, aside.Result.QuarantinedRows), Is.EqualTo((180L, 20L)));
        Assert.That(Rows(aside.Holdout), Is.EqualTo(Rows(filtered.Holdout)));
        Fails(rows, steps => steps.Split(0.3, "id"), "Row 8: The row has no value in its key.");
    }

    [Test]
    public async Task RunAsync_KeyThatAJoinMakes_DecidesTheSide()
    {
        var households = Tables.Batch(
            "id:Integer,household:Text\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},h{i / 3}\n")));
        var reference = new Dataset(households.Schema, [.. households.Columns]);
        var run = await RunAsync(Customers(300), steps => steps.Join(reference, ["id"]).SplitByGroup("household", 0.3), size: 10);

        Assert.That(Of(run.Train).Intersect(Of(run.Holdout)), Is.Empty);
        Assert.That(run.Result.HoldoutRows, Is.InRange(45, 135));

        static IEnumerable<string?> Of(Dataset data) => Enumerable.Range(0, data.RowCount).Select(row => data["household"].GetText(row));
    }

    [Test]
    public void RunAsync_GroupThatAStepChanges_IsRefused()
    {
        Fails(Customers(100), steps => steps.NormalizeText("contract").SplitByGroup("contract"), "the step normalize");
        Fails(Customers(100), steps => steps.Rename("contract", "kind").NormalizeText("kind").SplitByGroup("contract"), "makes it anew");
        Assert.That(
            async () => await RunAsync(
                Customers(300),
                steps => steps.Rename("contract", "kind").Cast("tenure", ColumnType.Text).Drop("kind").Split(0.4, "id")),
            Throws.Nothing);
        Fails(Customers(100), steps => steps.Derive("key", row => row.Number("id") + 1).Split(0.2, "key"), "which a row-wise step makes");
    }

    [Test]
    public async Task RunAsync_GroupThatIsCastToText_StaysTheGroup()
    {
        var run = await RunAsync(Customers(300), steps => steps.Cast("id", ColumnType.Text).SplitByGroup("id", 0.3));
        Assert.That(run.Holdout["id"].Type, Is.EqualTo(ColumnType.Text));
        Fails(Customers(100), steps => steps.Cast("id", ColumnType.Number).SplitByGroup("id"), "makes it anew");
    }

    [Test]
    public void RunAsync_SplitByTheNewNameOfAColumn_NamesTheCollectedOne()
    {
        Fails(
            Customers(100),
            steps => steps.Rename("id", "a").Rename("a", "key").SplitByGroup("key"),
            "Split by 'id', its name as it is collected");
        Fails(
            Timed(100),
            steps => steps.SortByTime("at").Rename("x", "key").Split(0.2, "key"),
            "Split by 'x', its name before the row-wise steps");
    }

    [Test]
    public void RunAsync_NaNInTheKey_IsNoKey()
    {
        var rows = Tables.Batch("key:Number,churn:Text\n"
            + string.Concat(Enumerable.Range(0, 30).Select(i => $"{(i == 7 ? "NaN" : i)},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        Fails(rows, steps => steps.Split(0.2, "key"), "Row 8: The row has no value in its key");
    }

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
            var pipeline = new ProcessingPipeline(new ProcessingBuilder()
                .Join(SetSteps.Table(table), ["id"])
                .PointInTimeJoin(SetSteps.Table("id:Integer,at:Timestamp\n1,2024-01-01"), ["id"], "time", "at")
                .Build());
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
            new ProcessingPipeline(builder.Build()).Describe(fingerprint);
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
        var pipeline = new ProcessingPipeline(new ProcessingBuilder().Rename("a", "b").DropDuplicates().Cast("b", ColumnType.Text).Build());
        Assert.That(pipeline.RowProcessors.Select(step => step.FormatId), Is.EqualTo(new[] { "mlops.rename/1", "mlops.cast/1" }));
    }

    [Test]
    public void Builder_WrongArguments_FailAtTheCall()
    {
        var builder = new ProcessingBuilder();
        Assert.That(() => builder.Split(1.5), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Expect(rows => rows.Column("a").NotNull(), mostly: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Expect(rows => rows.Column("a").Between(2, 1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Split(0.2).Split(0.3), Throws.TypeOf<MlOpsException>());
        builder.Build();
        Assert.That(() => builder.Drop("a"), Throws.TypeOf<InvalidOperationException>());
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

    private static void Fails(RecordBatch rows, Action<ProcessingBuilder> configure, string message) =>
        Assert.That(async () => await RunAsync(rows, configure, size: 10), Throws.TypeOf<MlOpsException>().With.Message.Contains(message));

    private static RecordBatch Customers(int count) => Tables.Batch("id:Integer,tenure:Integer,contract:Text,churn:Text\n" + string.Concat(
        Enumerable.Range(0, count).Select(i => $"{i},{i % 72},{(i % 3 == 0 ? "Monthly" : "One year")},{(i % 4 == 0 ? "Yes" : "No")}\n")));

    private static RecordBatch Timed(int count) => Tables.Batch("at:Timestamp,x:Integer,churn:Text\n" + string.Concat(
        Enumerable.Range(0, count)
            .Select(i => i * 37 % count)
            .Select(i => $"{new DateTime(2024, 1, 1).AddHours(i * 12):yyyy-MM-dd HH:mm},{i},{(i % 2 == 0 ? "Yes" : "No")}\n")));

    private static List<string> Rows(Dataset data) =>
        [.. Enumerable.Range(0, data.RowCount).Select(row => string.Join(',', data.Columns.Select(column => column.GetText(row))))];

    private static List<string> Concat(Outcome run, bool holdoutOnly = false) =>
        holdoutOnly ? Rows(run.Holdout) : [.. Rows(run.Train), .. Rows(run.Holdout)];

    private static async Task<Outcome> RunAsync(
        RecordBatch rows,
        Action<ProcessingBuilder> configure,
        ProblemDefinition? problem = null,
        int size = RecordBatch.MaxRows,
        string salt = "salt",
        RowKeySet? sealedKeys = null,
        IServiceProvider? services = null,
        MemoryStream? train = null,
        string? spool = null)
    {
        var builder = new ProcessingBuilder();
        configure(builder);
        MemoryStream[] streams =
        [
            train ?? new MemoryStream(), new MemoryStream(), new MemoryStream(), new MemoryStream(), new MemoryStream()
        ];
        var result = await new ProcessingPipeline(builder.Build(), services).RunAsync(new ProcessingRequest
        {
            Schema = rows.Schema,
            Rows = Tables.Stream(rows, size),
            Problem = problem ?? Churn,
            Salt = salt,
            Train = new ArrowWriter(streams[0]),
            Holdout = new ArrowWriter(streams[1]),
            Quarantine = new ArrowWriter(streams[2]),
            TrainRaw = new ArrowWriter(streams[3]),
            HoldoutRaw = new ArrowWriter(streams[4]),
            Sealed = sealedKeys is null ? [] : [sealedKeys],
            SpoolDirectory = spool ?? Path.GetTempPath(),
        });
        var data = new List<Dataset>();
        foreach (var stream in streams.Where(stream => stream.Length > 0))
        {
            var reader = await ArrowReader.OpenAsync(new MemoryStream(stream.ToArray()), "test");
            data.Add(await Dataset.FromBatchesAsync(reader.Schema, reader.ReadAsync()));
        }

        return new Outcome(result, data[0], data[1], data[2], data.ElementAtOrDefault(3), streams[0].ToArray());
    }

    private sealed record Outcome(
        ProcessingResult Result, Dataset Train, Dataset Holdout, Dataset Quarantine, Dataset? TrainRaw, byte[] TrainBytes);

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
