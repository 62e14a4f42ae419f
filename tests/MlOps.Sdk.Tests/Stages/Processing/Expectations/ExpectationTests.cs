using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ExpectationTests
{
    private static readonly ExpectationRows Rows = new();

    [Test]
    public async Task Matches_HostileText_IsMatchedWithoutTryingEveryWay()
    {
        // By backtracking, this would take longer than the universe has: the match would be given up, and the run end.
        var result = await RunAsync(Rows.Column("a").Matches("^(a+)+$"), Text(new string('a', 5_000) + "!"));
        Assert.That(result.RowsFailed, Is.EqualTo(1));
    }

    [Test]
    public async Task Matches_HostileTextForAPatternThatRefersBack_IsAnErrorThatNamesTheColumn()
    {
        var failure = await Assert.ThrowsAsync<MlOpsException>(
            () => RunAsync(
                new ColumnRules("a", TimeSpan.FromMilliseconds(1)).Matches(@"^(a+)+\1$"), Text(new string('a', 5_000) + "!")));
        Assert.That(failure!.Column, Is.EqualTo("a"));
        Assert.That(failure.Message, Does.Contain("takes longer than 0.001 s").And.Contain("aaa").And.Contain("back references"));
        Assert.That(failure.InnerException, Is.TypeOf<RegexMatchTimeoutException>());
    }

    [TestCase("2024-05-30 00:00", true)]
    [TestCase("2024-05-29 23:59", false)]
    public async Task NotOlderThan_ByTheClock_IsMet(string latest, bool met)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2024, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var result = await RunAsync(
            Rows.Column("a").NotOlderThan(TimeSpan.FromDays(2), clock),
            Tables.Batch($"a:Timestamp\n{latest}\n2020-01-01"));
        Assert.That(result.Met, Is.EqualTo(met));
        if (!met)
        {
            Assert.That(
                result.Sentence,
                Is.EqualTo("the latest a is not older than 2.00:00:00: not met, the latest is of 2024-05-29 23:59:00 UTC."));
        }
    }

    [Test]
    public void Describe_ExpectationsThatDependOnMoreThanTheRows_AreNeverReused()
    {
        Assert.That(Opaque(Rows.Column("a").NotOlderThan(TimeSpan.FromDays(1))), Is.Not.Null);
        Assert.That(Opaque(Rows.Column("a").OccursIn(DataSources.Csv("ids.csv"), "id")), Does.Contain("reads a source"));
        Assert.That(Opaque(Rows.Column("a").OccursIn(Table("id:Integer\n1"), "id")), Is.Null);
        Assert.That(Opaque(Rows.Column("a").Matches("x")), Is.Null);
        Assert.That(Opaque(Rows.Fulfil("x", row => row.Number("a") > 1)), Is.Null);
    }

    [Test]
    public void Description_OtherReference_Differs()
    {
        var one = Rows.Column("a").OccursIn(Table("id:Integer\n1\n2"), "id").Description;
        Assert.That(Rows.Column("a").OccursIn(Table("id:Integer\n2\n1\n2"), "id").Description, Is.EqualTo(one));
        Assert.That(Rows.Column("a").OccursIn(Table("id:Integer\n1\n3"), "id").Description, Is.Not.EqualTo(one));
    }

    [Test]
    public void OccursIn_ReferenceOfAnotherType_IsRefused() => Assert.That(
        () => Rows.Column("a").OccursIn(Table("id:Text\n1"), "id").Begin(new Schema(new Field("a", ColumnType.Integer))),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Text column 'id'"));

    [Test]
    public async Task OccursIn_SourceWithoutTheColumn_IsRefusedBeforeAnyRow()
    {
        var check = Rows.Column("a")
            .OccursIn(DataSources.Objects([new { Id = 1L }], "ids"), "key")
            .Begin(new Schema(new Field("a", ColumnType.Integer)));
        await Assert.ThatAsync(() => check.PrepareAsync(default).AsTask(), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task QuantileBetween_ManyRows_ToleratesTheErrorOfTheSketchOnly()
    {
        var rows = Tables.Batch("a:Integer\n" + string.Concat(
            Enumerable.Range(0, 50_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 7919L % 50_000}\n"))));
        Assert.That((await RunAsync(Rows.Column("a").QuantileBetween(0.5, 24_900, 25_100), rows)).Met, Is.True);
        var off = await RunAsync(Rows.Column("a").QuantileBetween(0.5, 26_500, 30_000), rows);
        Assert.That(off.Met, Is.False);
        Assert.That(off.Problem, Does.Contain("estimated by a sketch, between"));
    }

    private static IEnumerable<TestCaseData> OfValues()
    {
        yield return new TestCaseData(Rows.Column("a").Between(0, 2)).SetArgDisplayNames("Between");
        yield return new TestCaseData(Rows.Column("a").In("1", "2")).SetArgDisplayNames("In");
        yield return new TestCaseData(Rows.Column("a").Matches("^[0-9]$")).SetArgDisplayNames("Matches");
        yield return new TestCaseData(Rows.Column("a").LengthBetween(1, 1)).SetArgDisplayNames("LengthBetween");
        yield return new TestCaseData(Rows.Column("a").IsIncreasing(strictly: true)).SetArgDisplayNames("IsIncreasing");
        yield return new TestCaseData(Rows.Column("a").Unique()).SetArgDisplayNames("Unique");
        yield return new TestCaseData(Rows.Column("a").OccursIn(Table("id:Integer\n1\n2"), "id")).SetArgDisplayNames("OccursIn");
        yield return new TestCaseData(Rows.Column("a").MeanBetween(1.5, 1.5)).SetArgDisplayNames("MeanBetween");
        yield return new TestCaseData(Rows.Column("a").QuantileBetween(1, 2, 2)).SetArgDisplayNames("QuantileBetween");
        yield return new TestCaseData(Rows.Columns("a", "b").AreOrdered()).SetArgDisplayNames("AreOrdered");
        yield return new TestCaseData(Rows.Columns("a", "b").AreEqual()).SetArgDisplayNames("AreEqual");
        yield return new TestCaseData(Rows.Columns("a", "a0").AddUpTo("b")).SetArgDisplayNames("AddUpTo");
        yield return new TestCaseData(Rows.Unique("a", "b")).SetArgDisplayNames("Unique, columns");
        yield return new TestCaseData(Rows.Fulfil("f", row => row.IsNull("a") || row.Number("a") > 0)).SetArgDisplayNames("Fulfil");
    }

    [TestCaseSource(nameof(OfValues))]
    public async Task Expectation_RowsWithNaN_PassAsThoseWithoutAValue(IExpectation expectation)
    {
        foreach (var missing in new[] { "", "NaN" })
        {
            var result = await RunAsync(
                expectation,
                Tables.Batch($"a:Number,a0:Number,b:Number\n{missing},0,0\n1,0,1\n{missing},0,0\n2,0,2"));
            Assert.That((result.Met, result.RowsFailed), Is.EqualTo((true, 0)), $"'{missing}': {result.Sentence}");
        }
    }

    [Test]
    public async Task NotNull_NaN_Fails() =>
        Assert.That((await RunAsync(Rows.Column("a").NotNull(), Tables.Batch("a:Number\nNaN\n1\nInfinity"))).RowsFailed, Is.EqualTo(1));

    [Test]
    public async Task WholeColumn_WithoutValues_IsNotMet()
    {
        var rows = Tables.Batch("a:Number,b:Integer\n,1\n,2");
        Assert.That((await RunAsync(Rows.Column("a").MeanBetween(0, 1), rows)).Problem, Is.EqualTo("there is no value"));
        Assert.That((await RunAsync(Rows.Column("a").QuantileBetween(0.5, 0, 1), rows)).Problem, Is.EqualTo("there is no value"));
    }

    [Test]
    public async Task AreOrdered_WholeNumbersThatADoubleWouldRound_AreToldApart()
    {
        var rows = Tables.Batch("a:Integer,b:Integer\n9007199254740993,9007199254740992\n1,1");
        Assert.That((await RunAsync(Rows.Columns("a", "b").AreOrdered(), rows)).RowsFailed, Is.EqualTo(1));
        Assert.That((await RunAsync(Rows.Columns("a", "b").AreOrdered(strictly: true), rows)).RowsFailed, Is.EqualTo(2));
        Assert.That((await RunAsync(Rows.Columns("a", "b").AreEqual(), rows)).RowsFailed, Is.EqualTo(1));
    }

    [Test]
    public void Columns_ThatCannotBeCompared_AreRefused()
    {
        var schema = new Schema(new Field("a", ColumnType.Text), new Field("b", ColumnType.Timestamp), new Field("c", ColumnType.Number));
        Assert.That(
            () => Rows.Columns("b", "c").AreOrdered().Begin(schema),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("c"));
        Assert.That(
            () => Rows.Columns("c", "a").AreOrdered().Begin(schema),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("a"));
        Assert.That(() => Rows.Columns("a", "c").AreEqual().Begin(schema), Throws.TypeOf<MlOpsException>());
        Assert.That(() => Rows.Columns("c", "a").AddUpTo("b").Begin(schema), Throws.TypeOf<MlOpsException>());
        Assert.That(() => Rows.Columns("a"), Throws.ArgumentException);
        Assert.That(() => Rows.Unique("a", "a"), Throws.ArgumentException);
    }

    [Test]
    public async Task Sentence_SomeRowsFail_HasToleranceShareAndExamples()
    {
        var rows = Tables.Batch("paid:Integer,billed:Integer\n1,1\n3,2\n2,2\n1,2");
        var met = await RunAsync(Rows.Fulfil("paid what was billed", row => row.Number("paid") <= row.Number("billed")), rows, mostly: 0.7);
        Assert.That(met.PassedShare, Is.EqualTo(0.75));
        Assert.That(met.Sentence, Is.EqualTo(
            "paid what was billed: paid <= billed: met, 75 % of 4 rows pass, where 70 % must; 1 fail (row 2 'paid = 3, billed = 2')."));
        var all = await RunAsync(Rows.Column("paid").Between(0, 9), rows);
        Assert.That(all.Sentence, Is.EqualTo("paid is between 0 and 9: met in all 4 rows."));
    }

    private static RecordBatch Text(string text) => Tables.Batch($"a:Text\n{text}");

    private static Dataset Table(string text) => Dataset.FromBatches(Tables.Batch(text).Schema, [Tables.Batch(text)]);

    private static string? Opaque(IExpectation expectation)
    {
        var fingerprint = new FingerprintBuilder();
        new ProcessingPipeline(new ProcessingBuilder().Expect(expectation).Build(), PluginServices.None).Describe(fingerprint);
        return fingerprint.Opaque;
    }

    private static async Task<ExpectationResult> RunAsync(IExpectation expectation, RecordBatch rows, double mostly = 1)
    {
        var tally = new ExpectationTally(new ExpectationRule(expectation, OnFailure.Warn, mostly), rows.Schema);
        await tally.PrepareAsync([], default);
        tally.Check(rows, new bool[rows.RowCount]);
        return tally.Complete();
    }
}
