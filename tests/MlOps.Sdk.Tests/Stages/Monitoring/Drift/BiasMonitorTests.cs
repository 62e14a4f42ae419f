using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class BiasMonitorTests
{
    [Test]
    public async Task Check_EveryDecisionIsTheSame_MeasuresNoDifference()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.Bias("abroad")).Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < 400; i++) endpoint.Predict(new(60, 20, "yearly", i % 2 == 0));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        var finding = report.Findings.Single();
        Assert.That(
            (
                finding.Verdict,
                finding.Measurement.EffectSize,
                finding.Measurement.PValue,
                finding.Measurement.NotMeasured,
                report.Failures.Count),
            Is.EqualTo((MonitoringVerdict.Stable, 0d, (double?)null, (string?)null, 0)));
    }

    [Test]
    public async Task Check_BiasByAProtectedColumnThatTheModelDoesNotRead_CountsItsGroups()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = await SampleLifecycle.Begin(features: features => features.Auto(except: ["abroad"]))
            .Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Bias("abroad"))
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(400, 9));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.Multiple(() =>
        {
            Assert.That(run.Features!.Slots.Select(slot => slot.Column), Does.Not.Contain("abroad"));
            Assert.That(
                report.Findings.Single(finding => finding.Measurement.Signal == Signal.Bias).Measurement.CurrentRows,
                Is.EqualTo(400));
            Assert.That(
                report.Findings.Select(finding => finding.Measurement),
                Has.None.Matches<Measurement>(measurement => measurement is { Signal: Signal.DataDrift, Subject: "abroad" }));
        });
    }

    [Test]
    public async Task Check_GroupThatIsTooSmall_IsNamedAsNotJudged()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(features: features => features.Auto().Observe("plan"))
            .Deployed()
            .Monitored(monitoring => monitoring.Bias("plan"))
            .Build()
            .RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < 400; i++) endpoint.Predict(new(60, 20, i < 3 ? "daily" : i % 2 == 0 ? "yearly" : "monthly", true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That(report.Findings.Single().Measurement.Note, Does.EndWith("not judged, below 30 predictions: daily (3)"));
    }

    [Test]
    public async Task Check_GroupsDecidedDifferently_ReportsBias()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.Bias("abroad", atMost: 0.3))
            .Build()
            .RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

        // Those abroad are served high spenders with monthly plans, the others the opposite.
        for (var i = 0; i < 400; i++) endpoint.Predict(i % 2 == 0 ? new(30, 75, "monthly", true) : new(60, 25, "yearly", false));
        var finding = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!.Findings.Single();

        Assert.Multiple(() =>
        {
            Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Changed));
            Assert.That(finding.Measurement.EffectSize, Is.EqualTo(1));
            Assert.That(finding.Measurement.Note, Does.Contain("true").And.Contain("false"));
        });
    }
}
