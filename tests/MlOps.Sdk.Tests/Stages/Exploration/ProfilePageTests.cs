using System.Text.RegularExpressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tracking;
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
            Does.Contain(">Columns most associated with churn</h2>")
                .And.Contain(">Class balance</h2>")
                .And.Contain(">Mutual information with churn</h2>")
                .And.Contain(">Correlations between columns</h2>")
                .And.Contain("city and town are equal in every row.")
                .And.Contain("income, employer")
                .And.Contain(">Outliers</h2>"));
        Assert.That(Regex.Count(page, "<title>age &#215; months: 1</title>"), Is.EqualTo(1));
    }

    [Test]
    public void ToHtml_Report_MarksTheLabelAndPutsItFirst()
    {
        var report = SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(600));
        var page = report.ToHtml();

        string[] cards = [.. Regex.Matches(page, "<section class=\"card([^\"]*)\"><header><h3>([^<]*)</h3><span class=\"tag ([^\"]*)\">")
            .Select(match => string.Join('|', match.Groups.Values.Skip(1).Select(group => group.Value)))
            .Where(card => !card.EndsWith("|warn", StringComparison.Ordinal))];
        Assert.That(cards[0], Is.EqualTo($" label|{report.Label}|label"));
        Assert.That(cards.Count(card => card.Contains("label", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(cards[1], Is.EqualTo($"|{report.Associations[0].Column}|"));
        Assert.That(cards, Has.Length.EqualTo(report.Profile.Columns.Count));
    }

    [Test]
    public void ToHtml_Origin_TellsPagesApart()
    {
        var report = SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(60)) with
        {
            Origin = new RunOrigin("churn", "run-7", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), "a<b>.csv"),
        };

        var page = report.ToHtml();

        Assert.That(page, Does.Contain("<title>churn: exploration</title>"));
        Assert.That(page, Does.Contain("Run run-7 of churn, begun 2026-03-04 05:06 UTC; data from a&lt;b&gt;.csv; 60 training rows"));
        Assert.That(report.ToHtml("Mine"), Does.Contain("<h1>Mine</h1>").And.Contain("Run run-7 of churn"));
        Assert.That((report with { Origin = null }).ToHtml(), Does.Contain("<title>Exploration of churn</title>"));
        Assert.That(ExplorationReport.FromJson(report.ToJson()).Origin, Is.EqualTo(report.Origin));
    }

    [Test]
    public async Task ToHtml_ProfileOfASource_NamesItAndTheTime()
    {
        var source = DataSources.Objects(Enumerable.Range(0, 3).Select(i => new { Age = i }), "people");
        var profile = await DatasetProfile.OfAsync(source);

        Assert.That(profile.Source, Is.EqualTo(source.Name));
        Assert.That(profile.ReadAt, Is.Not.Null);
        Assert.That(
            profile.ToHtml(),
            Does.Contain($"<title>Profile of {source.Name}</title>")
                .And.Contain($"Data from {source.Name}, read {profile.ReadAt:yyyy-MM-dd HH:mm} UTC; 3 rows, 1 column<"));
        Assert.That(profile.Merge(profile).ToHtml(), Does.Contain("<title>Profile</title>").And.Contain(">6 rows, 1 column<"));
    }

    [Test]
    public void ToHtml_ProfileOfARun_NamesTheRunAndMarksTheLabel()
    {
        var origin = new RunOrigin("churn", "run-7", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), "a<b>.csv")
        {
            Label = "churn",
        };
        var profile = DatasetProfile.Of(SampleAnalyzerTests.Rows(60)) with { Origin = origin };

        var page = profile.ToHtml();

        Assert.That(page, Does.Contain("<title>churn: profile</title>"));
        Assert.That(page, Does.Contain("Run run-7 of churn, begun 2026-03-04 05:06 UTC; data from a&lt;b&gt;.csv; 60 rows, "));
        Assert.That(Regex.Count(page, "<section class=\"card label\"><header><h3>churn</h3>"), Is.EqualTo(1));
        Assert.That(Regex.Count(page, "class=\"tag label\""), Is.EqualTo(1));
        Assert.That((origin with { Source = "" }).ToString(), Is.EqualTo("Run run-7 of churn, begun 2026-03-04 05:06 UTC"));
    }

    [Test]
    public void ToHtml_LongNamesThatDifferInTheMiddle_AreToldApart()
    {
        string[] names =
        [
            .. new[] { "Low", "Medium", "High" }.SelectMany(level => new[]
            {
                $"Residential_{level}_Density_Zone",
                $"{new string('a', 60)}_{level}_{new string('b', 60)}",
            }),
        ];
        var builder = new RecordBatchBuilder(new Schema(
            [.. names.Select(name => new Field(name, ColumnType.Number)), new Field("churn", ColumnType.Text)]));
        var random = new SeededRandom(3);
        for (var row = 0; row < 200; row++)
        {
            for (var i = 0; i < names.Length; i++) ((NumberColumnBuilder)builder[i]).Append(random.NextDouble());
            ((TextColumnBuilder)builder[names.Length]).Append(row % 2 == 0 ? "Yes" : "No");
        }

        var page = SampleAnalyzerTests.Report(Dataset.FromBatches(builder.Schema, [builder.Build()])).ToHtml();

        string[] headings = [.. Regex.Matches(page, "<h3>([^<]*)</h3>").Select(match => match.Groups[1].Value)];
        Assert.That(headings, Is.Unique.And.Length.EqualTo(names.Length + 1));
        foreach (var chart in page.Split("<svg ").Skip(1))
        {
            var drawn = chart.Split("</svg>")[0];
            string[] labels = [.. Regex.Matches(drawn, "<text class=\"v\"[^>]*y=\"([^\"]*)\">(<title>[^<]*</title>)?([^<]*)</text>")
                .Where(match => !match.Value.Contains("rotate", StringComparison.Ordinal))
                .Select(match => match.Groups[3].Value)];
            Assert.That(labels, Is.Unique);
        }
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
