using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class ModelMonitorTests
{
    [Test]
    public async Task Check_SameDistribution_IsStableInEveryWindow()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var reports = new List<MonitoringReport>();

        for (var window = 0; window < 10; window++)
        {
            Serve(workspace, Subscriber.Draw(500, 100 + window));
            reports.Add((await monitor.CheckAsync())!);
        }

        Assert.Multiple(async () =>
        {
            Assert.That(reports.Select(report => report.HasChanged), Is.All.False);
            Assert.That(reports.Select(report => report.Rows), Is.All.EqualTo(500), "each window begins anew");
            Assert.That(reports[0].Findings.Select(finding => finding.Verdict), Is.All.EqualTo(MonitoringVerdict.Stable));
            Assert.That(await monitor.CheckAsync(), Is.Null, "nothing was predicted since");
            Assert.That(await monitor.ReportsAsync(), Has.Count.EqualTo(10));
        });
    }

    [Test]
    public async Task Check_Shifted_NamesTheColumnsWithEffectPValueAndThreshold()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        Serve(workspace, Subscriber.Draw(500, 9, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        var spend = report.Findings.Single(finding => finding.Measurement is { Subject: "spend", Signal: Signal.DataDrift });
        var age = report.Findings.Single(finding => finding.Measurement is { Subject: "age", Signal: Signal.DataDrift });
        Assert.Multiple(() =>
        {
            Assert.That(spend.Verdict, Is.EqualTo(MonitoringVerdict.Changed));
            Assert.That(spend.AdjustedPValue, Is.LessThan(1e-6));
            Assert.That(spend.Measurement.EffectSize, Is.GreaterThan(0.25));
            Assert.That(spend.Measurement.Material, Is.EqualTo(0.1));
            Assert.That(spend.Measurement.ReferenceRows, Is.GreaterThan(700));
            Assert.That(spend.Measurement.CurrentRows, Is.EqualTo(500));
            Assert.That(age.Verdict, Is.EqualTo(MonitoringVerdict.Stable));
            Assert.That(report.Alert!.Signals, Does.Contain(Signal.DataDrift));
            Assert.That(report.AskedForRetraining, Is.True);
        });
    }

    [Test]
    public async Task Check_TooFewRows_SaysSoAndGoesOnCollecting()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        Serve(workspace, Subscriber.Draw(150, 9, shifted: true));

        var early = (await monitor.CheckAsync())!;
        Serve(workspace, Subscriber.Draw(150, 10, shifted: true));
        var later = (await monitor.CheckAsync())!;

        Assert.Multiple(() =>
        {
            Assert.That(early.Findings.Select(finding => finding.Verdict), Is.All.EqualTo(MonitoringVerdict.NotEnoughData));
            Assert.That(early.AskedForRetraining, Is.False);
            Assert.That(later.Rows, Is.EqualTo(300));
            Assert.That(later.HasChanged, Is.True);
        });
    }

    [Test]
    public async Task Check_ChangeThatLasts_AlertsAndAsksOnceWithinTheCooldown()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var sink = new RecordingSink();
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring
            .DataDrift().Alert(sink).AlertCooldown(TimeSpan.FromHours(2)).RetrainOn(Signal.DataDrift, RetrainingData.Feedback, TimeSpan.FromDays(1))).Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var asked = 0;

        for (var window = 0; window < 3; window++)
        {
            Serve(workspace, Subscriber.Draw(300, 20 + window, shifted: true));
            if ((await monitor.CheckAsync())!.AskedForRetraining) asked++;
        }

        Assert.Multiple(() =>
        {
            Assert.That(sink.Alerts, Has.Count.EqualTo(1));
            Assert.That(asked, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Check_SinkThatFails_IsNotFatal()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var sink = new RecordingSink();
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.DataDrift().Alert(new FailingSink()).Alert(sink)).Build().RunAsync(workspace);
        Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That((report.Alert, sink.Alerts.Count), Is.EqualTo((sink.Alerts[0], 1)));
    }

    [Test]
    public async Task Check_GroupsDecidedDifferently_ReportsBias()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.Bias("abroad", atMost: 0.3)).Build().RunAsync(workspace);
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

    [Test]
    public async Task Label_UnknownRepeatedAndChanged_IsCounted()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var first = endpoint.Predict(new(30, 40, "monthly", true)).Id;
        var second = endpoint.Predict(new(31, 41, "monthly", true)).Id;
        await monitor.LabelAsync([new(first, "Yes"), new(second, "No")]);

        var receipt = await monitor.LabelAsync([new(first, "Yes"), new(second, "Yes"), new(PredictionId.FromKey("never predicted"), "No")]);

        Assert.That((receipt.Added, receipt.Changed, receipt.Unchanged, receipt.Unmatched.Single()), Is.EqualTo((1, 1, 1, PredictionId.FromKey("never predicted"))));
    }

    [Test]
    public async Task Predict_SameIdTwice_IsStoredOnce()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

        for (var i = 0; i < 5; i++) endpoint.Predict(new(30, 40, "monthly", true), PredictionId.FromKey("once"));
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();

        Assert.That(await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.EqualTo(1));
    }

    [Test]
    public async Task Predict_ManyThreads_RecordsEveryPredictionOrCountsItAsDropped()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var rows = Subscriber.Draw(1_000, 4).Select(UnlabelledSubscriber.Of).ToArray();

        await Parallel.ForAsync(0, 40, (_, _) =>
        {
            foreach (var row in rows) endpoint.Predict(row);
            return ValueTask.CompletedTask;
        });
        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That(report.Rows + report.Dropped, Is.EqualTo(40_000));
    }

    private static void Serve(Workspace workspace, Subscriber[] rows)
    {
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        foreach (var row in rows) endpoint.Predict(UnlabelledSubscriber.Of(row));
    }

    private sealed class RecordingSink : IAlertSink
    {
        public List<Alert> Alerts { get; } = [];

        public ValueTask SendAsync(Alert alert, CancellationToken ct = default)
        {
            Alerts.Add(alert);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FailingSink : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken ct = default) => throw new IOException("no connection");
    }
}
