using System.Globalization;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class DriftCheckTests
{
    [Test]
    public async Task Compare_TwoTables_FindsTheColumnsThatChanged()
    {
        var reference = await DataSources.Objects(Subscriber.Draw(2_000, 1).Select(UnlabelledSubscriber.Of)).ReadAllAsync();
        var same = await DataSources.Objects(Subscriber.Draw(1_000, 2).Select(UnlabelledSubscriber.Of)).ReadAllAsync();
        var shifted = await DataSources.Objects(Subscriber.Draw(1_000, 3, shifted: true).Select(UnlabelledSubscriber.Of)).ReadAllAsync();

        var stable = await DriftCheck.CompareAsync(reference, same);
        var changed = await DriftCheck.CompareAsync(reference, shifted);

        Assert.Multiple(() =>
        {
            Assert.That(stable.Select(finding => finding.Verdict), Is.All.EqualTo(MonitoringVerdict.Stable));
            Assert.That(
                changed.Where(finding => finding.Verdict == MonitoringVerdict.Changed).Select(finding => finding.Measurement.Subject),
                Is.EqualTo(new[] { "spend" }));
        });
    }

    [Test]
    public async Task Compare_MoreMissingValues_IsAChange()
    {
        var rows = Subscriber.Draw(1_000, 1);
        var reference = await DataSources.Objects(rows).ReadAllAsync();
        var holes = await DataSources.Objects(Subscriber.Draw(1_000, 2).Select((row, i) => i % 2 == 0 ? row with { Spend = null } : row))
            .ReadAllAsync();

        var finding = (await DriftCheck.CompareAsync(reference, holes)).Single(finding => finding.Measurement.Subject == "spend");

        Assert.That(
            (finding.Verdict, finding.Measurement.Statistic),
            Is.EqualTo((MonitoringVerdict.Changed, "Fisher exact of missing values")));
    }

    [Test]
    public async Task Compare_TextsThatHardlyComeTwice_SaysThatTheyCannotBeCompared()
    {
        var reference = await DataSources.Objects(Enumerable.Range(0, 2_000).Select(i => new { Id = $"a{i}" })).ReadAllAsync();
        var now = await DataSources.Objects(Enumerable.Range(0, 2_000).Select(i => new { Id = $"b{i}" })).ReadAllAsync();

        var finding = (await DriftCheck.CompareAsync(reference, now)).Single();

        Assert.That(finding.Measurement.Note, Does.Contain("cannot be compared"));
        var same = (await DriftCheck.CompareAsync(reference, reference)).Single();
        Assert.That(same.Measurement.Note ?? "", Does.Not.Contain("cannot be compared"));
    }

    [TestCase(50_000, 250, 0.0, 1.0, TestName = "Compare_WindowWithoutAnyValue_IsAChange")]
    [TestCase(5_000, 250, 0.0, 0.4)]
    [TestCase(50_000, 1_000, 0.0, 0.24)]
    [TestCase(5_000, 250, 0.01, 0.18)]
    [TestCase(5_000, 20, 0.0, 0.4)]
    public async Task Compare_MoreMissingNumbers_IsAChange(int before, int now, double missingBefore, double missingNow)
    {
        var finding = await CompareAsync(Numbers(before, missingBefore, 1), Numbers(now, missingNow, 2));

        Assert.That((finding.Verdict, finding.AdjustedPValue), Is.EqualTo((MonitoringVerdict.Changed, finding.Measurement.PValue)));
        Assert.That(finding.Measurement.PValue, Is.LessThan(1e-6));
    }

    [TestCase("a:1", "a:0.6 b:0.4", 250)]
    [TestCase("a:0.6 b:0.3 c:0.1", "a:0.55 b:0.3 c:0.1 new:0.05", 250)]
    [TestCase("a:0.6 b:0.3 c:0.1", "a:0.58 b:0.3 c:0.1 new:0.02", 1_000)]
    [TestCase("a:0.6 b:0.3 c:0.1", "a:0.9 b:0.1", 250, TestName = "Compare_LevelThatVanished_IsAChange")]
    [TestCase("a:0.6 b:0.3 c:0.1", "x:0.6 y:0.3 z:0.1", 250, TestName = "Compare_AllLevelsReplaced_IsAChange")]
    public async Task Compare_OtherLevels_IsAChange(string before, string now, int rows)
    {
        var finding = await CompareAsync(Texts(5_000, before), Texts(rows, now));

        Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Changed));
        Assert.That(finding.Measurement.PValue, Is.LessThan(1e-4));
    }

    [Test]
    public async Task Compare_InfiniteValues_IsAChange()
    {
        var finding = await CompareAsync(
            Enumerable.Range(0, 500).Select(i => new Value((double)i)),
            Enumerable.Range(0, 500).Select(i => new Value(i % 3 == 0 ? double.PositiveInfinity : i)));

        Assert.That(
            (finding.Verdict, finding.Measurement.Statistic),
            Is.EqualTo((MonitoringVerdict.Changed, "Fisher exact of infinite values")));
        Assert.That(finding.Measurement.Note, Does.StartWith("infinite values: 0.0 % → 33.4 %"));
    }

    [Test]
    public async Task Compare_ManyRowsALittleShifted_IsStable()
    {
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        var finding = await CompareAsync(
            Enumerable.Range(0, 20_000).Select(_ => new Value(Normal())),
            Enumerable.Range(0, 15_000).Select(_ => new Value(Normal() + 0.05)));

        Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Stable), "significant, not material");
        Assert.That(finding.AdjustedPValue, Is.LessThan(0.01));
    }

    [TestCase(200)]
    [TestCase(1_000)]
    [TestCase(5_000)]
    public async Task Compare_ManyLevelsOfOneDistribution_IsStable(int levels)
    {
        var random = new Random(levels);
        var significant = 0;
        for (var i = 0; i < 10; i++)
        {
            var finding = await CompareAsync(
                Enumerable.Range(0, 5_000).Select(_ => new Text($"{random.Next(levels)}")),
                Enumerable.Range(0, 1_500).Select(_ => new Text($"{random.Next(levels)}")));
            Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Stable));
            if (finding.Measurement.PValue < 0.05) significant++;
        }

        Assert.That(significant, Is.LessThan(4), "levels are not chosen by the counts that are tested");
    }

    [Test]
    public async Task Compare_TextsThatOccurOnce_AreNoChange()
    {
        var finding = await CompareAsync(
            Enumerable.Range(0, 3_000).Select(i => new Text($"id {i}")),
            Enumerable.Range(0, 1_000).Select(i => new Text($"id {3_000 + i}")));

        Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Stable));
    }

    [Test]
    public async Task Watch_ModelTrainedElsewhere_KeepsWhatTheRunSaid()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("elsewhere")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Scored(Subscriber.Draw(1_000, 1))))
            .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").DataDrift())
            .Build();
        await lifecycle.RunAsync(workspace);

        lifecycle.Watch(workspace, null);
        await workspace.Monitor("elsewhere").RecordAsync(await DataSources.Objects(Scored(Subscriber.Draw(500, 2))).ReadAllAsync());

        Assert.That((await workspace.Monitor("elsewhere").CheckAsync())!.Rows, Is.EqualTo(500));
    }

    [Test]
    public async Task Run_BiasOfARegression_Fails()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("elsewhere")
            .DefineProblem(problem => problem.Regression("age").Protect("abroad"))
            .CollectData(data => data.FromObjects(Scored(Subscriber.Draw(500, 1))))
            .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").Bias("abroad"))
            .Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("binary classification"));
    }

    [Test]
    public async Task Compare_OtherColumns_IsRefused()
    {
        var reference = await DataSources.Objects([new { A = 1.0 }]).ReadAllAsync();

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await DriftCheck.CompareAsync(reference, await DataSources.Objects([new { B = 1.0 }]).ReadAllAsync()),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("The current table lacks 'a'"));
            Assert.That(
                async () => await DriftCheck.CompareAsync(reference, reference, minimumRows: 1),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("minimumRows"));
        });
    }

    [Test]
    public async Task Compare_ColumnsOfOtherTypes_AreChangesAndTheRestIsCompared()
    {
        var findings = await DriftCheck.CompareAsync(
            await DataSources.Objects(Enumerable.Range(0, 300).Select(i => new { Code = i, Whole = i, Gone = (int?)i, Same = i % 7 }))
                .ReadAllAsync(),
            await DataSources.Objects(
                Enumerable.Range(0, 300).Select(i => new { Code = $"{i}", Whole = i + 0.5, Gone = (string?)null, Same = i % 7 }))
                .ReadAllAsync());

        Assert.That(
            findings.Select(finding => (finding.Measurement.Subject, finding.Verdict)),
            Is.EqualTo(new[]
            {
                ("code", MonitoringVerdict.Changed),
                ("whole", MonitoringVerdict.Stable),
                ("gone", MonitoringVerdict.Changed),
                ("same", MonitoringVerdict.Stable),
            }));
    }

    [Test]
    public async Task Monitor_ModelTrainedElsewhere_IsWatchedByItsScores()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("elsewhere")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes").Protect("abroad"))
            .CollectData(data => data.FromObjects(Scored(Subscriber.Draw(1_000, 1))))
            .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").DataDrift().PredictionDrift().Bias("abroad"))
            .Build();
        await lifecycle.RunAsync(workspace);
        var monitor = workspace.Monitor("elsewhere");

        await monitor.RecordAsync(await DataSources.Objects(Scored(Subscriber.Draw(500, 2))).ReadAllAsync());
        var stable = (await monitor.CheckAsync())!;
        await monitor.RecordAsync(await DataSources.Objects(Scored(Subscriber.Draw(500, 3, shifted: true))).ReadAllAsync());
        var changed = (await monitor.CheckAsync())!;

        Assert.Multiple(() =>
        {
            Assert.That(stable.HasChanged, Is.False);
            Assert.That(changed.Changes.Select(finding => finding.Measurement.Subject), Does.Contain("spend").And.Contain("score"));
            Assert.That(
                async () => await monitor.RecordAsync(await DataSources.Objects(Subscriber.Draw(10, 4)).ReadAllAsync()),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("score"));
        });
    }

    [Test]
    public async Task Record_ColumnsOfOtherTypes_CountsNumbersAsNumbersAndNoValuesAsMissing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await LifecycleBuilder.Create("elsewhere")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(
                Enumerable.Range(0, 1_000).Select(
                    i => new { Left = i % 2 == 0 ? "Yes" : "No", Score = i % 100 / 100.0, Whole = i % 300, Gone = i })))
            .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").DataDrift())
            .Build()
            .RunAsync(workspace);
        var monitor = workspace.Monitor("elsewhere");

        await monitor.RecordAsync(await DataSources.Objects(
            Enumerable.Range(0, 300).Select(i => new { Score = i % 100 / 100.0, Whole = i + 0.5, Gone = (string?)null })).ReadAllAsync());
        await monitor.RecordAsync(await DataSources.Objects(
            Enumerable.Range(0, 300).Select(i => new { Score = i % 100 / 100.0, Whole = i, Gone = (int?)null })).ReadAllAsync());

        Assert.That(
            async () => await monitor.RecordAsync(await DataSources.Objects(
                Enumerable.Range(0, 300).Select(i => new { Score = 0.5, Whole = "many", Gone = i })).ReadAllAsync()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'whole' is Text"));
        var report = (await monitor.CheckAsync())!;
        Assert.That(report.Rows, Is.EqualTo(600));
        Assert.That(
            report.Findings.Select(finding => (finding.Measurement.Subject, finding.Verdict)),
            Is.EqualTo(new[] { ("whole", MonitoringVerdict.Stable), ("gone", MonitoringVerdict.Changed) }));
    }

    private static IEnumerable<ScoredSubscriber> Scored(Subscriber[] rows) => rows.Select(
        row => new ScoredSubscriber(row.Age, row.Spend, row.Plan, row.Abroad, row.Left, Math.Clamp(((row.Spend ?? 50) - 20) / 100, 0, 1)));

    private sealed record ScoredSubscriber(int Age, double? Spend, string Plan, bool Abroad, string Left, double Score);

    private static async Task<MonitoringFinding> CompareAsync<T>(IEnumerable<T> before, IEnumerable<T> now) =>
        (await DriftCheck.CompareAsync(
            await DataSources.Objects(before).ReadAllAsync(), await DataSources.Objects(now).ReadAllAsync())).Single();

    private static IEnumerable<Value> Numbers(int count, double missing, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++) yield return new Value(i < Math.Round(count * missing) ? null : random.NextDouble());
    }

    private static IEnumerable<Text> Texts(int count, string shares)
    {
        foreach (var level in shares.Split(' ').Select(part => part.Split(':')))
        {
            var rows = (int)Math.Round(count * double.Parse(level[1], CultureInfo.InvariantCulture));
            for (var i = 0; i < rows; i++) yield return new Text(level[0]);
        }
    }

    private sealed record Value(double? X);

    private sealed record Text(string X);
}
