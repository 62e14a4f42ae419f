using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tests.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class ExpectationSuggestionsTests
{
    [Test]
    public void Suggest_Profile_FollowsTheRules()
    {
        var suggested = Profile("id:Text,x:Number,n:Integer,plan:Text,note:Text,at:Timestamp", i =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"id{i:000},{i - 50},{i % 11 * 10},{(i % 2 == 0 ? "A" : "B\"")}," +
                    $"{(i % 3 == 0 ? "" : new string('x', i % 30 + 1))},2024-01-01"))
            .Suggest();

        Assert.That(suggested.Select(one => one.Source), Is.EqualTo(new[]
        {
            "rows.Column(\"id\").NotNull()",
            "rows.Column(\"id\").Unique()",
            "rows.Column(\"id\").LengthBetween(5, 5)",
            "rows.Column(\"x\").NotNull()",
            "rows.Column(\"x\").Between(-59.9, 58.9)",
            "rows.Column(\"n\").NotNull()",
            "rows.Column(\"n\").Between(0, 110)",
            "rows.Column(\"plan\").NotNull()",
            "rows.Column(\"plan\").In(\"A\", \"B\\\"\")",
            "rows.Column(\"note\").LengthBetween(1, 60)",
            "rows.Column(\"at\").NotNull()",
        }));
        Assert.That(
            suggested.ToCSharp(),
            Does.StartWith("data\n    // id had a value in all 100 rows.\n    .Expect(rows => rows.Column(\"id\").NotNull())\n")
                .And.EndsWith(");\n"));
    }

    [Test]
    public void Suggest_TheSameRows_MeetEverySuggestion()
    {
        var rows = Rows(
            "id:Integer,x:Number,plan:Text",
            i => string.Create(CultureInfo.InvariantCulture, $"{i},{Math.Sin(i)},{(char)('a' + i % 3)}"));
        var suggested = RequireMet(Dataset.FromBatches(rows.Schema, [rows]));
        Assert.That(
            new ProcessingPipeline(new ProcessingBuilder().Expect(suggested).Build(), PluginServices.None).Bind(rows.Schema),
            Has.Count.EqualTo(suggested.Count + 1));
    }

    [Test]
    public async Task Suggest_TelcoChurn_IsMetByItAndHasShortBounds()
    {
        var suggested = RequireMet(await DataSources.Csv(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv")).ReadAllAsync());
        Assert.That(
            suggested.Select(one => one.Source),
            Does.Contain("rows.Column(\"senior_citizen\").Between(0, 1)")
                .And.Contain("rows.Column(\"tenure\").Between(0, 79)")
                .And.Contain("rows.Column(\"monthly_charges\").Between(8, 129)"));
    }

    /// <summary>So many texts of their own that the estimate of their number cannot tell that two of them are the same.</summary>
    [Test]
    public void Suggest_OneTextTwiceAmongThousands_IsNotUnique()
    {
        var suggested = RequireMet(Table("review:Text", 4_000, i => $"review {(i == 3_999 ? 0 : i)}"));
        Assert.That(suggested.Select(one => one.Source), Has.None.Contains("Unique"));
        Assert.That(RequireMet(Table("review:Text", 4_000, i => $"review {i}")).Select(one => one.Source), Has.Some.Contains("Unique"));
    }

    [TestCase("0", "1", "Between(0, 1)")]
    [TestCase("0.25", "0.75", "Between(0.25, 0.75)")]
    public void Suggest_TwoNumbers_AreTheRange(string first, string second, string expected) =>
        Assert.That(
            Profile("flag:Number", i => i % 3 == 0 ? first : second).Suggest().Select(one => one.Source),
            Does.Contain($"rows.Column(\"flag\").{expected}"));

    [Test]
    public void Suggest_AnyTable_IsMetByIt() =>
        Prop.ForAll<int>(seed =>
        {
            RequireMet(Anything(new SeededRandom((ulong)seed)));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [TestCase(double.MinValue, double.MaxValue)]
    [TestCase(double.Epsilon, 3 * double.Epsilon)]
    [TestCase(1e15, 1e15 + 0.5)]
    [TestCase(-1e300, -1e299)]
    [TestCase(0.1, 0.30000000000000004)]
    public void Suggest_ExtremeNumbers_AreMet(double low, double high)
    {
        var builder = new NumberColumnBuilder();
        for (var i = 0; i < 40; i++) builder.Append(i % 3 == 0 ? low : i % 3 == 1 ? high : low / 2 + high / 2);
        var batch = new RecordBatch(new Schema(new Field("x", ColumnType.Number)), [builder.Build()]);
        RequireMet(Dataset.FromBatches(batch.Schema, [batch]));
    }

    [Test]
    public void Suggest_FewRows_IsRefused() =>
        Assert.That(() => Profile("x:Number", i => "1", 19).Suggest(), Throws.TypeOf<MlOpsException>().With.Message.Contains("19 rows"));

    [Test]
    public void Suggest_RareTexts_AreNotASet()
    {
        var suggested = Profile("plan:Text", i => i == 0 ? "once" : "A").Suggest();
        Assert.That(suggested.Select(one => one.Source), Has.None.Contains("In("));
    }

    private static SuggestedExpectations RequireMet(Dataset rows)
    {
        var suggested = DatasetProfile.Of(rows).Suggest();
        var batch = new RecordBatch(rows.Schema, [.. rows.Columns]);
        foreach (var one in suggested)
        {
            var check = one.Expectation.Begin(rows.Schema);
            var failed = new bool[batch.RowCount];
            check.Check(batch, failed);
            Assert.That(failed, Has.None.True, one.Source);
            Assert.That(check.Complete(), Is.Null, one.Source);
        }

        return suggested;
    }

    private static Dataset Table(string header, int count, Func<int, string> row)
    {
        var rows = Rows(header, row, count);
        return Dataset.FromBatches(rows.Schema, [rows]);
    }

    private static Dataset Anything(SeededRandom random)
    {
        var count = 20 + random.Next(300);
        var schema = new Schema([.. Enumerable.Range(0, 6).Select(i => new Field($"c{i}", (ColumnType)random.Next(5)))]);
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < schema.Count; i++)
        {
            var (levels, missing, scale) = (
                1 + random.Next(random.Next(2) == 0 ? 5 : 1_000), random.Next(3), Math.Pow(10, random.Next(40) - 20));
            for (var row = 0; row < count; row++)
            {
                var level = random.Next(levels);
                if (missing == 0 && random.Next(7) == 0)
                {
                    builder[i].AppendNull();
                }
                else if (builder[i] is NumberColumnBuilder numbers)
                {
                    numbers.Append(missing == 1 && random.Next(99) == 0
                        ? double.NaN
                        : (level - levels / 3) * scale + (levels > 500 ? random.NextDouble() : 0));
                }
                else if (builder[i] is IntegerColumnBuilder integers)
                {
                    integers.Append(levels > 900 ? (long)(random.NextDouble() * long.MaxValue) - level : level - levels / 4);
                }
                else if (builder[i] is BooleanColumnBuilder booleans)
                {
                    booleans.Append(level % 2 == 0);
                }
                else if (builder[i] is TextColumnBuilder texts)
                {
                    texts.Append(levels > 500 ? $"text {level}" : new string('x', level));
                }
                else
                {
                    ((TimestampColumnBuilder)builder[i]).Append(DateTime.UnixEpoch.AddHours(level));
                }
            }
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    private static DatasetProfile Profile(string header, Func<int, string> row, int count = 100)
    {
        var rows = Rows(header, row, count);
        return DatasetProfile.Of(Dataset.FromBatches(rows.Schema, [rows]));
    }

    private static RecordBatch Rows(string header, Func<int, string> row, int count = 100) =>
        Tables.Batch($"{header}\n{string.Concat(Enumerable.Range(0, count).Select(i => $"{row(i)}\n"))}");
}
