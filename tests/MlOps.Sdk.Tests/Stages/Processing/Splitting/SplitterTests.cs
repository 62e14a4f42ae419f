using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Processing.PipelineRuns;

namespace MlOps.Sdk.Tests.Processing;

/// <summary>Which rows are held out, and that it stays so.</summary>
public sealed class SplitterTests
{
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
    [SuppressMessage("Security", "CA5351", Justification = "No secret: the hash that every database has.")]
    public async Task RunAsync_PortableKey_HoldsOutTheRowsOfItsMd5()
    {
        var run = await RunAsync(Customers(400), steps => steps.SplitPortably(0.25, "id"), salt: "salted");
        var prefix = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("salted\0id")))[..32];
        var expected = Ids(run.Train).Concat(Ids(run.Holdout)).Where(id =>
        {
            var hash = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{prefix}i{id};"))));
            return string.CompareOrdinal(hash, "4000000000000000") < 0;
        });
        Assert.That(Ids(run.Holdout).Order(), Is.EqualTo(expected.Order()));
        Assert.That(Ids(run.Holdout), Has.Count.InRange(70, 130));
    }

    [Test]
    public async Task RunAsync_PortableAndOtherKeys_RecognizeEachOthersSealedRows()
    {
        var before = await RunAsync(Customers(400), steps => steps.Split(0.4, "id"));
        var after = await RunAsync(Customers(400), steps => steps.SplitPortably(0.2, "id"), sealedKeys: before.Result.HoldoutRowKeys);
        Assert.That(Ids(before.Holdout), Is.SubsetOf(Ids(after.Holdout)));

        var portable = await RunAsync(Customers(400), steps => steps.SplitPortably(0.4, "id"));
        var again = await RunAsync(Customers(400), steps => steps.Split(0.2, "id"), sealedKeys: portable.Result.HoldoutRowKeys);
        Assert.That(Ids(portable.Holdout), Is.SubsetOf(Ids(again.Holdout)));
    }

    [Test]
    public void RunAsync_PortableKeyOfNumbers_IsRejected()
    {
        Assert.That(
            () => RunAsync(Tables.Batch("id:Number,churn:Text\n1.5,Yes\n2.5,No\n"), steps => steps.SplitPortably(0.4, "id")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("portable"));
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
    public void RunAsync_GapAsLongAsTheData_SaysThatRowsAreInTheGap() =>
        Fails(Timed(20), steps => steps.SplitByTime("at", 0.25, TimeSpan.FromDays(90)), "15 rows are in the gap");

    [TestCase("There are 2 groups by 'customer'", true)]
    [TestCase("There are 1 groups by 'customer'", false)]
    public async Task RunAsync_SplitByFewGroups_SaysHowMany(string says, bool isTwo)
    {
        var rows = Tables.Batch("customer:Text,x:Integer,churn:Text\n" + string.Concat(
            Enumerable.Range(0, 300).Select(i => $"{(isTwo && i % 2 == 0 ? "a" : "b")},{i},{(i % 3 == 0 ? "Yes" : "No")}\n")));

        // Which salt leaves a side empty is chance.
        var failures = new List<string>();
        for (var salt = 0; salt < 20; salt++)
        {
            try
            {
                await RunAsync(rows, steps => steps.SplitByGroup("customer", 0.2), salt: $"{salt}");
            }
            catch (MlOpsException e)
            {
                failures.Add(e.Message);
            }
        }

        Assert.That(failures, Is.Not.Empty);
        Assert.That(failures, Is.All.Contains(says).And.All.Contains("more rows of the same groups do not help"));
    }

    [Test]
    public async Task RunAsync_FewDifferentRows_SaysSo()
    {
        static RecordBatch Rows(int different) => Tables.Batch("x:Integer,churn:Text\n" + string.Concat(
            Enumerable.Range(0, 400).Select(i => $"{i % different},{(i / different % 3 == 0 ? "Yes" : "No")}\n")));
        var failures = new List<string>();
        var notes = new List<string>();
        for (var salt = 0; salt < 20; salt++)
        {
            foreach (var different in new[] { 4, 40 })
            {
                try
                {
                    notes.AddRange((await RunAsync(Rows(different), _ => { }, salt: $"{salt}")).Result.Notes);
                }
                catch (MlOpsException e) when (different == 4)
                {
                    failures.Add(e.Message);
                }
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(failures, Is.Not.Empty);
            Assert.That(failures, Is.All.Contains("only 4 rows are different").And.All.Contains("Split(test, \"key\")"));
            Assert.That(notes, Has.Some.Contains("where 20 % were requested. Without the label, only 40 rows are different"));
        });
    }

    [TestCase("True")]
    [TestCase("TRUE")]
    [TestCase("true")]
    public async Task RunAsync_PositiveClassOfATruth_IsFoundInAnyCase(string positive)
    {
        var rows = Tables.Batch("x:Integer,churn:Boolean\n" + string.Concat(
            Enumerable.Range(0, 100).Select(i => $"{i},{(i % 2 == 0 ? "true" : "false")}\n")));
        var problem = PipelineRuns.Churn with { PositiveClass = positive };

        var run = await RunAsync(rows, _ => { }, problem);

        Assert.That(LabelEncoding.Learn(problem, run.Train).Classes, Is.EqualTo(new[] { "false", "true" }));
        Assert.That(
            async () => await RunAsync(rows, _ => { }, problem with { PositiveClass = "Yes" }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'false', 'true'"));
    }

    [TestCase("inf", "row 5, 'inf', is not a finite number")]
    [TestCase("n.a.", "row 5, 'n.a.', is not a finite number")]
    [TestCase("4", "all its values are numbers")]
    public void RunAsync_RegressionOnText_NamesTheValueAndTheRow(string value, string says) => Assert.That(
        async () => await RunAsync(
            Tables.Batch("x:Integer,y:Text\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},{(i == 4 ? value : i)}\n"))),
            _ => { },
            new ProblemDefinition { Task = TaskKind.Regression, Label = "y" },
            size: 2),
        Throws.TypeOf<MlOpsException>().With.Message.Contains(says));

    [Test]
    public void RunAsync_ClassWithoutHoldoutRow_NamesIt() => Fails(
        Tables.Batch("x:Integer,churn:Text\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i},{(i == 7 ? "Yes" : "No")}\n"))),
        _ => { },
        "The class 'Yes' has 1 row, which is not in the");

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
        Fails(Customers(100), steps => steps.Rename("contract", "kind").NormalizeText("kind").SplitByGroup("contract"), "recomputes it");
        Assert.That(
            async () => await RunAsync(
                Customers(300),
                steps => steps.Rename("contract", "kind").Cast("tenure", ColumnType.Text).Drop("kind").Split(0.4, "id")),
            Throws.Nothing);
        Fails(Customers(100), steps => steps.Derive("key", row => row.Number("id") + 1).Split(0.2, "key"), "which a row-wise step creates");
    }

    [Test]
    public async Task RunAsync_GroupThatIsCastToText_StaysTheGroup()
    {
        var run = await RunAsync(Customers(300), steps => steps.Cast("id", ColumnType.Text).SplitByGroup("id", 0.3));
        Assert.That(run.Holdout["id"].Type, Is.EqualTo(ColumnType.Text));
        Fails(Customers(100), steps => steps.Cast("id", ColumnType.Number).SplitByGroup("id"), "recomputes it");
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

    private static HashSet<double> Ids(Dataset data) => [.. Enumerable.Range(0, data.RowCount).Select(data["id"].GetNumber)];
}
