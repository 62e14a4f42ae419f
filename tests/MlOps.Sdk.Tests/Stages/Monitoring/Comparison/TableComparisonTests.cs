using System.Text.Json;
using System.Text.RegularExpressions;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class TableComparisonTests
{
    [Test]
    public async Task OfAsync_RowsOfOneRule_AreStable()
    {
        var comparison = await TableComparison.OfAsync(Source(Subscriber.Draw(3_000, 1)), Source(Subscriber.Draw(2_000, 2)));

        Assert.Multiple(() =>
        {
            Assert.That((comparison.ReferenceRows, comparison.CurrentRows, comparison.HasChanged), Is.EqualTo((3_000, 2_000, false)));
            Assert.That(
                comparison.Findings.Select(finding => finding.Measurement.Subject),
                Is.EqualTo(new[] { "age", "spend", "plan", "abroad", "left" }));
            Assert.That(comparison.Columns.Select(column => column.Reference.Sum()), Is.All.EqualTo(3_000));
            Assert.That(comparison.Columns.Select(column => column.Current.Sum()), Is.All.EqualTo(2_000));
        });
    }

    [Test]
    public async Task OfAsync_ShiftedRows_FindsWhatTheExactCheckFinds()
    {
        var (before, now) = (Source(Subscriber.Draw(3_000, 1)), Source(Subscriber.Draw(2_000, 2, shifted: true)));
        var exact = await DriftCheck.CompareAsync(await before.ReadAllAsync(), await now.ReadAllAsync());

        var comparison = await TableComparison.OfAsync(before, now);

        Assert.That(comparison.Findings.Select(finding => finding.Verdict), Is.EqualTo(exact.Select(finding => finding.Verdict)));
        Assert.That(
            comparison.Findings.Zip(exact).Max(pair => Math.Abs(pair.First.Measurement.EffectSize - pair.Second.Measurement.EffectSize)),
            Is.LessThan(0.15),
            "deciles of a sketch are near the exact ones");
        Assert.That(
            comparison.Findings.Single(finding => finding.Measurement.Subject == "spend").Verdict,
            Is.EqualTo(MonitoringVerdict.Changed));
    }

    [Test]
    public async Task OfAsync_Booleans_AreComparedByLevelsAsByTheExactCheck()
    {
        var before = DataSources.Objects(Enumerable.Range(0, 5_000).Select(i => new { Flag = i % 2 == 0 }));
        var now = DataSources.Objects(Enumerable.Range(0, 5_000).Select(i => new { Flag = i % 100 < 55 }));
        var expected = Contingency.FisherExact(2_500, 2_500, 2_250, 2_750);

        var measured = (await TableComparison.OfAsync(before, now)).Findings.Single().Measurement;
        var exact = (await DriftCheck.CompareAsync(await before.ReadAllAsync(), await now.ReadAllAsync())).Single().Measurement;

        Assert.That(measured.Statistic, Is.AnyOf("Fisher exact of 'false'", "Fisher exact of 'true'"));
        Assert.That(measured.Effect, Is.EqualTo("Cohen's h"));
        Assert.That(measured.PValue, Is.EqualTo(expected.PValue).Within(1).Percent);
        Assert.That(
            (exact.Statistic, exact.Value, exact.PValue, exact.EffectSize),
            Is.EqualTo((measured.Statistic, measured.Value, measured.PValue, measured.EffectSize)));
    }

    [TestCase(200)]
    [TestCase(50_000)]
    public async Task OfAsync_IntegersOfFewValues_HaveABinEachAndAreComparedAsNumbers(int rows)
    {
        var comparison = await TableComparison.OfAsync(
            DataSources.Objects(Enumerable.Range(0, rows).Select(i => new { Number = i % 5, Rare = i % 1_000 == 0 ? 0 : 1 })),
            DataSources.Objects(Enumerable.Range(0, rows).Select(i => new { Number = i % 5, Rare = i % 1_000 == 0 ? 0 : 1 })));

        var column = comparison.Columns[0];
        Assert.That(column.Bins, Is.EqualTo(new[] { "≤ 0", "≤ 1", "≤ 2", "≤ 3", "> 3", "(missing)" }));
        Assert.That(column.Reference, Is.EqualTo(new[] { rows / 5L, rows / 5, rows / 5, rows / 5, rows / 5, 0 }));
        Assert.That(comparison.Findings[0].Verdict, Is.EqualTo(MonitoringVerdict.Stable));
        Assert.That(
            comparison.Columns[1].Reference,
            Is.EqualTo(new[] { (rows + 999) / 1_000L, rows - (rows + 999) / 1_000L, 0 }),
            "a value that nearly all have leaves no bin empty");
    }

    [Test]
    public async Task OfAsync_OtherColumns_AreNamedAndTheRestIsCompared()
    {
        var before = DataSources.Objects(Enumerable.Range(0, 300).Select(i => new { Gone = i, Same = i % 7, Retyped = i }));
        var now = DataSources.Objects(Enumerable.Range(0, 300).Select(i => new { Same = i % 7, Retyped = $"{i}", New = 1.0 }));

        var comparison = await TableComparison.OfAsync(before, now);

        Assert.That(comparison.SchemaChanges, Is.EqualTo(new[]
        {
            new SchemaChange("gone", new Field("gone", ColumnType.Integer), null),
            new SchemaChange("retyped", new Field("retyped", ColumnType.Integer), new Field("retyped", ColumnType.Text)),
            new SchemaChange("new", null, new Field("new", ColumnType.Number)),
        }));
        Assert.That(
            comparison.Findings.Select(finding => (finding.Measurement.Subject, finding.Verdict)),
            Is.EqualTo(new[] { ("same", MonitoringVerdict.Stable), ("retyped", MonitoringVerdict.Changed) }));
        Assert.That(comparison.HasChanged, Is.True);
        var page = comparison.ToHtml();
        Assert.That(page, Does.Contain("Integer in the reference, Text now").And.Contain(">Schema changes</h2>"));
        Assert.That(page, Does.Contain("<title>Comparison of ").And.Contain($"compared {comparison.ComparedAt:yyyy-MM-dd}"));
        Assert.That(Regex.Count(page, "<dt>note</dt>"), Is.EqualTo(1), "no note under what is the same");
        Assert.That(
            new SchemaChange("v", new Field("v", ColumnType.Vector, 2), new Field("v", ColumnType.Vector, 3)).ToString(),
            Is.EqualTo("v: Vector of 2 before, Vector of 3 now"));
    }

    [Test]
    public async Task OfAsync_WholeNumbersBesideFractionsAndColumnsWithoutValues_AreCompared()
    {
        var before = DataSources.Objects(
            Enumerable.Range(0, 1_000).Select(i => new { Whole = i % 300, Gone = (int?)i, Came = (string?)null, Never = (int?)null }));
        var now = DataSources.Objects(
            Enumerable.Range(0, 1_000).Select(
                i => new { Whole = i % 300 + 0.5, Gone = (string?)null, Came = (double?)i, Never = (string?)null }));

        var comparison = await TableComparison.OfAsync(before, now);
        var back = await TableComparison.OfAsync(now, before);

        Assert.That(comparison.SchemaChanges.Concat(back.SchemaChanges), Is.Empty, "a column without a value has no type");
        foreach (var findings in new[] { comparison.Findings, back.Findings })
        {
            Assert.That(
                findings.Select(finding => (finding.Measurement.Subject, finding.Verdict)),
                Is.EqualTo(new[]
                {
                    ("whole", MonitoringVerdict.Stable),
                    ("gone", MonitoringVerdict.Changed),
                    ("came", MonitoringVerdict.Changed),
                    ("never", MonitoringVerdict.Stable),
                }));
        }

        Assert.That(comparison.Columns.Select(column => column.Current[^1]), Is.EqualTo(new[] { 0, 1_000, 0, 1_000 }));
    }

    [Test]
    public void OfAsync_TooFewMinimumRows_NamesTheParameter() => Assert.That(
        async () => await TableComparison.OfAsync(Source(Subscriber.Draw(10, 1)), Source(Subscriber.Draw(10, 1)), minimumRows: 1),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("minimumRows"));

    [Test]
    public async Task OfAsync_FewRows_AreNotJudged()
    {
        var comparison = await TableComparison.OfAsync(Source(Subscriber.Draw(199, 1)), Source(Subscriber.Draw(500, 2, shifted: true)));

        Assert.That(comparison.Findings.Select(finding => finding.Verdict), Is.All.EqualTo(MonitoringVerdict.NotEnoughData));
    }

    [Test]
    public void OfAsync_ReferenceThatIsReadOnce_IsRefused() => Assert.That(
        async () => await TableComparison.OfAsync(
            DataSources.Objects(Subscriber.Draw(10, 1).ToAsyncEnumerable()),
            Source(Subscriber.Draw(10, 1))),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("read only once"));

    [Test]
    public async Task CompareAsync_TwoRuns_ComparesWhatTheyCollected()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        async Task<string> RunAsync(int seed, bool shifted) => (await LifecycleBuilder.Create("rows")
            .CollectData(data => data.FromObjects(Subscriber.Draw(800, seed, shifted)))
            .Build()
            .RunAsync(workspace)).Id;
        var (first, second) = (await RunAsync(1, false), await RunAsync(2, true));

        var comparison = await workspace.CompareAsync(first, second);

        Assert.That(
            (comparison.Reference, comparison.Current, comparison.HasChanged),
            Is.EqualTo(($"rows of run {first}", $"rows of run {second}", true)));
        Assert.That(async () => await workspace.CompareAsync(first, "no such run"), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task ToHtml_TwoRuns_NamesThemWithTheirSourcesAndMarksTheLabel()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var before = await RunAsync(workspace, seed: 1);
        var now = await RunAsync(workspace, seed: 2);

        var comparison = await workspace.CompareAsync(before.Id, now.Id);

        Assert.That(
            comparison.ReferenceOrigin,
            Is.EqualTo(new RunOrigin("left", before.Id, before.Record.StartedAt, "people of 1") { Label = "left" }));
        Assert.That(comparison.CurrentOrigin!.RunId, Is.EqualTo(now.Id));
        var page = comparison.ToHtml();
        Assert.That(page, Does.Contain("<title>left: comparison with an earlier run</title>"));
        Assert.That(
            page,
            Does.Contain($"Run {now.Id} of left, begun {now.Record.StartedAt:yyyy-MM-dd HH:mm} UTC; data from people of 2. Against run ")
                .And.Contain($"run {before.Id} of left, begun ")
                .And.Contain($"compared {comparison.ComparedAt:yyyy-MM-dd HH:mm} UTC"));
        Assert.That(page, Does.Contain("<section class=\"card label\"><header><h3>left</h3><span class=\"tag good label\">label, stable<"));
        Assert.That(Regex.Count(page, "<section class=\"card label\">"), Is.EqualTo(1));
        Assert.That(page, Does.Not.Contain("<dt>note</dt>"));
    }

    [Test]
    public async Task ToHtml_LargeNumbers_AreWrittenAsPeopleWriteThem()
    {
        var before = DataSources.Objects(Enumerable.Range(0, 3_000).Select(i => new { Income = 20_000.0 + i * 3 }), "before");
        var now = DataSources.Objects(Enumerable.Range(0, 2_000).Select(i => new { Income = 24_000.0 + i * 3 }), "now");

        var comparison = await TableComparison.OfAsync(before, now);

        Assert.That(
            comparison.ToString(), Does.StartWith("now (2,000 rows) against before (3,000 rows)").And.Contain("2,000 rows against 3,000"));
        Assert.That(
            comparison.Findings.Single().Measurement.Note,
            Does.StartWith("mean 24,500 → 27,000, standard deviation 2,599 → 1,732; PSI "));
        Assert.That(comparison.Columns.Single().Bins[0], Does.Match("^≤ [0-9]{2},[0-9]{3}"));
        var texts = Regex.Replace(comparison.ToHtml().Split("<body>")[1], "<[^>]*>", " ");
        Assert.That(Regex.Matches(texts, "[0-9]{5,}").Select(match => match.Value), Is.Empty);
    }

    [Test]
    public async Task ToHtml_HostileNamesAndLevels_AreEscapedAndThePageHasNoScript()
    {
        const string hostile = "<script>alert('x')</script>\"&\u202e";
        var source = DataSources.Objects(
            Enumerable.Range(0, 300).Select(i => new Hostile { Level = i % 2 == 0 ? hostile : new string('y', 5_000), Number = i }),
            hostile);

        var html = (await TableComparison.OfAsync(source, source)).ToHtml(hostile);

        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("alert('x')").And.Contain("&lt;script&gt;").And.Contain("</html>"));
        Assert.That(html.Length, Is.LessThan(20_000));
    }

    [Test]
    public async Task ToJson_Comparison_HasItsNumbers()
    {
        using var json = JsonDocument.Parse(
            (await TableComparison.OfAsync(Source(Subscriber.Draw(500, 1)), Source(Subscriber.Draw(500, 2, shifted: true)))).ToJson());

        Assert.That(json.RootElement.GetProperty("findings").GetArrayLength(), Is.EqualTo(5));
        Assert.That(json.RootElement.GetProperty("columns")[1].GetProperty("bins").GetArrayLength(), Is.EqualTo(11));
    }

    private static Task<LifecycleRun> RunAsync(Workspace workspace, int seed) => LifecycleBuilder.Create("left")
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.From(DataSources.Objects(Subscriber.Draw(2_000, seed), $"people of {seed}")))
        .Build()
        .RunAsync(workspace);

    private static IDataSource Source(Subscriber[] rows) => DataSources.Objects(rows);

    private sealed class Hostile
    {
        [Column("<img src=x onerror=alert(1)>")]
        public string Level { get; init; } = "";

        public int Number { get; init; }
    }
}
