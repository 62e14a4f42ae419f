using System.Text.RegularExpressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class ProfilePageTests
{
    [Test]
    public void ToHtml_Report_ShowsWhatTheSecondPassFound()
    {
        var page = SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(600)).ToHtml();
        Assert.That(
            page,
            Does.Contain("How often each churn occurs")
                .And.Contain("Which columns go together")
                .And.Contain("city and town are equal in every row.")
                .And.Contain("income, employer")
                .And.Contain("What lies far out"));
        Assert.That(Regex.Count(page, "<title>age &#215; months: 1</title>"), Is.EqualTo(1));
    }

    [Test]
    public async Task ToHtml_PersonalColumn_ShowsNoValue()
    {
        var people = await DataSources.Objects(Enumerable.Range(0, 60)
            .Select(i => new { Email = $"p{i % 20}@example.org", Plan = $"plan {i % 50}" }))
            .ReadAllAsync();
        var profile = DatasetProfile.Of(people);

        Assert.That(profile.ToHtml(), Does.Not.Contain("@example").And.Contain("seem personal").And.Contain("plan 1"));
        Assert.That(
            profile.Columns.Select(column => column.Distinct), Is.EqualTo(new[] { 20.0, 50.0 }), "few texts are counted, not estimated");
    }

    [Test]
    public void ToHtml_HostileNamesAndValues_ChangesNothingOfThePage()
    {
        string[] hostile =
        [
            "<script>alert(1)</script>", "\"' onload='x' \"", "\u202Etxt.exe\u2066\u200F", new('x', 100_000), "</svg><img src=x onerror=y>",
            "&lt;b&gt;", "\0\u001B[31m", "Ｗ宽字宽字宽字宽字宽字宽字宽字宽字"
        ];
        var schema = new Schema([
            .. hostile.Select(name => new Field(name, ColumnType.Text)),
            .. hostile.Select(name => new Field(name + "#", ColumnType.Number)),
            new Field("churn", ColumnType.Text)
        ]);
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(3);
        for (var row = 0; row < 200; row++)
        {
            for (var i = 0; i < hostile.Length; i++)
            {
                ((TextColumnBuilder)builder[i]).Append(random.Next(4) == 0 ? null : hostile[random.Next(hostile.Length)]);
                ((NumberColumnBuilder)builder[hostile.Length + i]).Append(row == 3 ? 1e9 : random.NextDouble());
            }

            ((TextColumnBuilder)builder[2 * hostile.Length]).Append(row % 2 == 0 ? "Yes" : "No");
        }

        var page = SampleAnalyzerTests.Report(Dataset.FromBatches(schema, [builder.Build()])).ToHtml(hostile[0]);

        Assert.That(page, Does.Contain("&lt;script&gt;").And.Contain("□txt.exe□□").And.Contain("&amp;lt;b&amp;gt;"));
        Assert.That(
            page,
            Does.Not.Contain("<script")
                .And.Not.Contain("<img")
                .And.Not.Contain("\u202E")
                .And.Not.Contain("\u200F")
                .And.Not.Contain("\u2066")
                .And.Not.Contain("\0")
                .And.Not.Contain("\u001B"));
        Assert.That(page, Does.Not.Match("<[a-z][^>]*\\son[a-z]+='"));
        Assert.That(page.Length, Is.LessThan(600_000));
        Assert.That(Tags(page, "svg"), Is.EqualTo(Tags(page, "/svg")));
    }

    [Test]
    public void ToHtml_ThousandColumns_StaysBelowFiveMegabytes()
    {
        var page = SampleAnalyzerTests.Report(SampleAnalyzerTests.Wide(150, 1_000)).ToHtml();
        Assert.That(page.Length, Is.InRange(500_000, 5_000_000));
        Assert.That(page, Does.Contain("the 30 of 60 columns"));
    }

    [Test]
    public void ToHtml_NumbersThatDifferLate_AreToldApart()
    {
        var builder = new NumberColumnBuilder();
        for (var i = 0; i < 50; i++) builder.Append(1 + i * 1e-9);
        var batch = new RecordBatch(new Schema(new Field("x", ColumnType.Number)), [builder.Build()]);
        var page = DatasetProfile.Of(Dataset.FromBatches(batch.Schema, [batch])).ToHtml();
        Assert.That(page, Does.Contain(">1</text>").And.Contain(">1.00000005</text>"));
    }

    [Test]
    public void ToHtml_ShortRangeOfIntegers_NamesEachValue()
    {
        var builder = new IntegerColumnBuilder();
        for (var i = 0; i < 90; i++) builder.Append(i % 3 == 0 ? 1 : 0);
        var batch = new RecordBatch(new Schema(new Field("flag", ColumnType.Integer)), [builder.Build()]);
        var page = DatasetProfile.Of(Dataset.FromBatches(batch.Schema, [batch])).ToHtml();
        Assert.That(page, Does.Contain("66.7 %").And.Contain("33.3 %").And.Not.Contain("<path"));
    }

    [Test]
    public void ToHtml_IdentifiersAndDays_ShowsExamplesAndTheStep()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("id", ColumnType.Text), new Field("day", ColumnType.Timestamp)));
        for (var i = 0; i < 90; i++)
        {
            ((TextColumnBuilder)builder[0]).Append($"<{i}>");
            ((TimestampColumnBuilder)builder[1]).Append(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(i < 60 ? i : i + 30));
        }

        var page = DatasetProfile.Of(Dataset.FromBatches(builder.Schema, [builder.Build()])).ToHtml();
        Assert.That(
            page,
            Does.Contain("for example &lt;0&gt;, &lt;10&gt;")
                .And.Contain("<dd>every value</dd>")
                .And.Contain("<dd>1 day</dd>")
                .And.Contain("<dd>75.0 %</dd>")
                .And.Contain("<dd>31 days from 2026-03-01</dd>"));
    }

    [Test]
    public void ToHtml_ManyParts_LinksToThem() =>
        Assert.That(
            SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(600)).ToHtml(),
            Does.Contain("<a href=\"#s1\">").And.Contain("<h2 id=\"s1\">").And.Contain("tells nothing"));

    private static int Tags(string page, string name) => Regex.Count(page, $"<{name}[ >]");
}
