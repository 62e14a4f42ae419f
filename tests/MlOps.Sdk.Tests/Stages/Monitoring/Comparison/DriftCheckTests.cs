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

        Assert.That((finding.Verdict, finding.Measurement.Statistic), Is.EqualTo((MonitoringVerdict.Changed, "χ² of missing values")));
    }

    [Test]
    public async Task Compare_Numbers_AreTestedExactly()
    {
        var reference = Subscriber.Draw(3_000, 1);
        var current = Subscriber.Draw(2_000, 2);
        var missing = Contingency.ChiSquare(
            [reference.Count(row => row.Spend is not null), reference.Count(row => row.Spend is null)],
            [current.Count(row => row.Spend is not null), current.Count(row => row.Spend is null)]);
        var expected = TwoSample.KolmogorovSmirnov(
            [.. reference.Select(row => row.Spend).OfType<double>()],
            [.. current.Select(row => row.Spend).OfType<double>()]);
        var ages = TwoSample.KolmogorovSmirnov([.. reference.Select(row => (double)row.Age)], [.. current.Select(row => (double)row.Age)]);

        var findings = await DriftCheck.CompareAsync(
            await DataSources.Objects(reference).ReadAllAsync(),
            await DataSources.Objects(current).ReadAllAsync());

        var spend = findings.Single(finding => finding.Measurement.Subject == "spend").Measurement;
        var age = findings.Single(finding => finding.Measurement.Subject == "age").Measurement;
        Assert.Multiple(() =>
        {
            Assert.That((age.Value, age.PValue), Is.EqualTo((ages.Statistic, ages.PValue)));
            Assert.That(
                spend.PValue,
                Is.EqualTo(Math.Min(1, 2 * Math.Min(missing.PValue, expected.PValue))),
                "the stronger of two tests is corrected for two");
        });
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
                async () => await DriftCheck.CompareAsync(reference, await DataSources.Objects([new { A = "x" }]).ReadAllAsync()),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Text"));
        });
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

    private static IEnumerable<ScoredSubscriber> Scored(Subscriber[] rows) => rows.Select(
        row => new ScoredSubscriber(row.Age, row.Spend, row.Plan, row.Abroad, row.Left, Math.Clamp(((row.Spend ?? 50) - 20) / 100, 0, 1)));

    private sealed record ScoredSubscriber(int Age, double? Spend, string Plan, bool Abroad, string Left, double Score);
}
