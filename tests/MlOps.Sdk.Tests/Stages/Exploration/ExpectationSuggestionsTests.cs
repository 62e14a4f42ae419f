using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tests.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class ExpectationSuggestionsTests
{
    [Test]
    public void Suggest_Profile_FollowsTheRules()
    {
        var suggested = Profile("id:Text,x:Number,n:Integer,plan:Text,note:Text,at:Timestamp", i =>
            string.Create(CultureInfo.InvariantCulture, $"id{i:000},{i - 50},{i % 11 * 10},{(i % 2 == 0 ? "A" : "B\"")},{(i % 3 == 0 ? "" : new string('x', i % 30 + 1))},2024-01-01")).Suggest();

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
        Assert.That(suggested.ToCSharp(), Does.StartWith("data\n    // id had a value in all 100 rows.\n    .Expect(rows => rows.Column(\"id\").NotNull())\n").And.EndsWith(");\n"));
    }

    [Test]
    public void Suggest_TheSameRows_MeetEverySuggestion()
    {
        var rows = Rows("id:Integer,x:Number,plan:Text", i => string.Create(CultureInfo.InvariantCulture, $"{i},{Math.Sin(i)},{(char)('a' + i % 3)}"));
        var suggested = DatasetProfile.Of(Dataset.FromBatches(rows.Schema, [rows])).Suggest();
        foreach (var one in suggested)
        {
            var check = one.Expectation.Begin(rows.Schema);
            var failed = new bool[rows.RowCount];
            check.Check(rows, failed);
            Assert.That(failed, Has.None.True, one.Source);
            Assert.That(check.Complete(), Is.Null);
        }

        Assert.That(new ProcessingPipeline(new ProcessingBuilder().Expect(suggested).Build()).Bind(rows.Schema), Has.Count.EqualTo(suggested.Count + 1));
    }

    [Test]
    public void Suggest_FewRows_IsRefused() => Assert.That(() => Profile("x:Number", i => "1", 19).Suggest(), Throws.TypeOf<MlOpsException>().With.Message.Contains("19 rows"));

    [Test]
    public void Suggest_RareTexts_AreNotASet()
    {
        var suggested = Profile("plan:Text", i => i == 0 ? "once" : "A").Suggest();
        Assert.That(suggested.Select(one => one.Source), Has.None.Contains("In("));
    }

    private static DatasetProfile Profile(string header, Func<int, string> row, int count = 100)
    {
        var rows = Rows(header, row, count);
        return DatasetProfile.Of(Dataset.FromBatches(rows.Schema, [rows]));
    }

    private static RecordBatch Rows(string header, Func<int, string> row, int count = 100) => Tables.Batch($"{header}\n{string.Concat(Enumerable.Range(0, count).Select(i => $"{row(i)}\n"))}");
}
