using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
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
            SampleLifecycle.Serve(workspace, Subscriber.Draw(500, 100 + window));
            reports.Add((await monitor.CheckAsync())!);
        }

        Assert.Multiple(async () =>
        {
            Assert.That(reports.SelectMany(report => report.Changes), Is.Empty);
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
        SampleLifecycle.Serve(workspace, Subscriber.Draw(500, 9, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        var spend = report.Findings.Single(finding => finding.Measurement is { Subject: "spend", Signal: Signal.DataDrift });
        var age = report.Findings.Single(finding => finding.Measurement is { Subject: "age", Signal: Signal.DataDrift });
        Assert.Multiple(() =>
        {
            Assert.That(spend.Verdict, Is.EqualTo(MonitoringVerdict.Changed));
            Assert.That(spend.AdjustedPValue, Is.LessThan(1e-6));
            Assert.That(spend.Measurement.EffectSize, Is.GreaterThan(0.25));
            Assert.That(spend.Measurement.EffectLower, Is.GreaterThan(spend.Measurement.Material));
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
        SampleLifecycle.Serve(workspace, Subscriber.Draw(150, 9, shifted: true));

        var early = (await monitor.CheckAsync())!;
        SampleLifecycle.Serve(workspace, Subscriber.Draw(150, 10, shifted: true));
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
            .DataDrift().Alert(sink).AlertCooldown(TimeSpan.FromHours(2)).RetrainOn(
                Signal.DataDrift, RetrainingData.Feedback, TimeSpan.FromDays(1)))
            .Build()
            .RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var asked = 0;

        // More checks than the newest reports that are read at first.
        for (var window = 0; window < 12; window++)
        {
            SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20 + window, shifted: true));
            if ((await monitor.CheckAsync())!.AskedForRetraining) asked++;
        }

        Assert.Multiple(() =>
        {
            Assert.That(sink.Alerts.Select(alert => alert.Message), Has.Exactly(1).Matches(@"predictions: spend \(.+, .+ [0-9.]+\)"));
            Assert.That(asked, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Check_SinkThatFails_IsNotFatal()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var sink = new RecordingSink();
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Alert(new FailingSink()).Alert(sink))
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.Multiple(async () =>
        {
            Assert.That((report.Alert, sink.Alerts.Count), Is.EqualTo((sink.Alerts[0], 1)));
            Assert.That(report.AlertFailure, Does.Contain("no connection"));
            Assert.That(
                (await workspace.MonitoringServices.Reports.AlertsAsync(SampleLifecycle.Name)).Single().State,
                Is.EqualTo("failed"));
            Assert.That((await workspace.Monitor(SampleLifecycle.Name).ReportsAsync())[0].AlertFailure, Is.EqualTo(report.AlertFailure));
        });
    }

    [Test]
    public async Task Check_SinkThatTimesOut_IsNotFatal()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Alert(new Sink(_ => throw new TaskCanceledException("timed out"))))
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That(report.AlertFailure, Does.Contain("timed out"));
    }

    [Test]
    public async Task Check_SinkOfAScope_LivesAsLongAsTheCheck()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var sent = new RecordingSink();
        await using var services = new ServiceCollection().AddSingleton(sent).AddScoped<ScopedSink>().BuildServiceProvider();
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Alert<ScopedSink>())
            .Build()
            .RunAsync(workspace, new RunOptions { Services = services });
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That((report.AlertFailure, sent.Alerts.Count), Is.EqualTo(((string?)null, 1)));
    }

    [Test]
    public async Task Check_SinkThatUsesTheMonitor_DoesNotWaitForItself()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.DataDrift().Alert(new Sink(async _ =>
        {
            await monitor.FlushAsync().WaitAsync(TimeSpan.FromSeconds(20));
            await monitor.LabelAsync([new(PredictionId.New(), "Yes")]).WaitAsync(TimeSpan.FromSeconds(20));
        }))).Build().RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        Assert.That((await monitor.CheckAsync())!.AlertFailure, Is.Null);
    }

    [Test]
    public async Task Check_PredictionsDuringACheckWithoutVerdict_JoinTheWindow()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var watch = new Watch(async window =>
        {
            SampleLifecycle.Serve(workspace, Subscriber.Draw(30, 8));
            await monitor.FlushAsync().WaitAsync(TimeSpan.FromSeconds(20));
            return window.RowCount;
        });
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.Watch(watch).DataDrift().Bias("abroad", minimumGroupRows: 10))
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(100, 7));

        var first = (await monitor.CheckAsync())!;
        var second = (await monitor.CheckAsync())!;
        var third = (await monitor.CheckAsync())!;

        Assert.Multiple(() =>
        {
            Assert.That((first.Rows, second.Rows, third.Rows), Is.EqualTo((100, 130, 160)));
            Assert.That(
                third.Findings
                    .Where(finding => finding.Measurement.Signal == Signal.DataDrift)
                    .Select(finding => finding.Measurement.CurrentRows),
                Is.All.EqualTo(160));
            Assert.That(
                third.Findings.Single(finding => finding.Measurement.Signal == Signal.Bias).Measurement.CurrentRows,
                Is.EqualTo(160));
        });
    }

    [Test]
    public async Task Check_OneMonitorLacksData_WindowGoesOnForIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Bias("abroad", minimumGroupRows: 200))
            .Build()
            .RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var rows = new List<long>();

        for (var check = 0; check < 3; check++)
        {
            SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 30 + check));
            rows.Add((await monitor.CheckAsync())!.Rows);
        }

        Assert.That(rows, Is.EqualTo(new[] { 300, 600, 300 }));
    }

    [Test]
    public async Task Check_MonitorThatNeverHasEnough_WindowEndsAtTenTimesTheMinimum()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.MinimumRows(20).DataDrift().Bias("abroad", minimumGroupRows: 10_000))
            .Build()
            .RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(200, 30));

        await monitor.CheckAsync();

        Assert.That(await monitor.CheckAsync(), Is.Null);
    }

    [Test]
    public async Task Check_TooFewRowsWhileSomethingChanged_DoesNotEndTheEpisode()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var sink = new RecordingSink();
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.DataDrift().Alert(sink)).Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        async Task CheckAfter(int rows, bool shifted = true)
        {
            SampleLifecycle.Serve(workspace, Subscriber.Draw(rows, 40, shifted));
            await monitor.CheckAsync();
        }

        await CheckAfter(300);
        await CheckAfter(50);
        await CheckAfter(300);
        var lasting = sink.Alerts.Count;
        await CheckAfter(300, shifted: false);
        await CheckAfter(300);

        Assert.That((lasting, sink.Alerts.Count), Is.EqualTo((1, 2)), "only a stable check ends an episode");
    }

    [Test]
    public async Task Check_MonitorThatFails_IsReportedAndTheOthersGoOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.Watch(new Watch(_ => throw new InvalidOperationException("no reference"))).DataDrift())
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.Multiple(async () =>
        {
            Assert.That((report.Failures.Single(), report.HasChanged), Is.EqualTo((new MonitorFailure("watch", "no reference"), true)));
            Assert.That((await workspace.Monitor(SampleLifecycle.Name).ReportsAsync())[0].Failures, Is.EqualTo(report.Failures));
            Assert.That(
                (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!.Rows,
                Is.EqualTo(300),
                "the window goes on for the one that failed");
        });
    }

    [Test]
    public async Task Check_MonitorThatTimesOut_IsReportedAndTheOthersGoOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring.Watch(new Watch(_ => throw new TaskCanceledException("timed out"))).DataDrift())
            .Build()
            .RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 20, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That((report.Failures.Single(), report.HasChanged), Is.EqualTo((new MonitorFailure("watch", "timed out"), true)));
    }

    [Test]
    public async Task Dispose_StoringFailsMeanwhile_StoresAllTheSameAndEnds()
    {
        using var folder = new TempFolder();
        var clock = new WatchedClock();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var storing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        clock.Asked = () =>
        {
            clock.Asked = null;
            storing.SetResult();
            goOn.Wait(TimeSpan.FromSeconds(10));
            throw new InvalidOperationException("The clock broke.");
        };
        SampleLifecycle.Serve(workspace, Subscriber.Draw(1, 1));
        await storing.Task.WaitAsync(TimeSpan.FromSeconds(10));
        SampleLifecycle.Serve(workspace, Subscriber.Draw(3, 2));

        var disposing = workspace.DisposeAsync().AsTask();
        goOn.Set();
        await disposing.WaitAsync(TimeSpan.FromSeconds(10));

        await using var reopened = await Workspace.OpenAsync(folder.Path);
        Assert.That(await reopened.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.EqualTo(4));
    }

    [Test]
    public async Task Flush_FailsWhileABatchIsTaken_StoresAndChecksItLater([Values(1, 2)] int failingCall)
    {
        using var folder = new TempFolder();
        var clock = new WatchedClock();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var calls = 0;
        clock.Asked = () =>
        {
            if (Interlocked.Increment(ref calls) == failingCall) throw new InvalidOperationException("The clock broke.");
        };

        // Whether the background or this test drains is all the same.
        for (var batch = 0; batch < 3; batch++)
        {
            SampleLifecycle.Serve(workspace, Subscriber.Draw(5, 1 + batch));
            try
            {
                await monitor.FlushAsync();
            }
            catch (InvalidOperationException)
            {
            }
        }

        clock.Asked = null;
        var report = (await monitor.CheckAsync())!;
        Assert.That(calls, Is.GreaterThanOrEqualTo(failingCall));
        Assert.That((report.Rows, await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name)), Is.EqualTo((15, 15)));
    }

    [Test]
    public async Task Dispose_CallsWait_EndWithObjectDisposedException()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var checking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.Watch(new Watch(async window =>
        {
            checking.TrySetResult();
            await goOn.Task;
            return window.RowCount;
        }))).Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, 1));
        var underWay = monitor.CheckAsync();
        await checking.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Task before = monitor.CheckAsync();
        var disposing = monitor.DisposeAsync().AsTask();
        Task after = monitor.CheckAsync();
        goOn.SetResult();
        await disposing.WaitAsync(TimeSpan.FromSeconds(10));

        foreach (var waiting in new[] { before, after, monitor.FlushAsync(), monitor.LabelAsync([]) })
            await Assert.ThatAsync(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)), Throws.TypeOf<ObjectDisposedException>());
        Assert.That((await underWay)!.Rows, Is.EqualTo(300), "a check that is under way goes on");
        await monitor.DisposeAsync();
    }

    private sealed class Sink(Func<Alert, Task> send) : IAlertSink
    {
        public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) => await send(alert);
    }

    private sealed class ScopedSink(RecordingSink sent) : IAlertSink, IDisposable
    {
        private bool _disposed;

        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return sent.SendAsync(alert, cancellationToken);
        }

        public void Dispose() => _disposed = true;
    }

    private sealed class Watch(Func<MonitoringWindow, Task<long>> count) : IDriftMonitor
    {
        public string Name => "watch";

        public MonitorNeeds Needs => MonitorNeeds.Inputs;

        public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window,
            CancellationToken cancellationToken = default) =>
        [
            new Measurement
            {
                Signal = Signal.Custom, Subject = "rows", Statistic = "count", Value = await count(window), Effect = "none", EffectSize = 0,
                Material = 1
            },
        ];
    }

    private sealed class RecordingSink : IAlertSink
    {
        public List<Alert> Alerts { get; } = [];

        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            Alerts.Add(alert);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FailingSink : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) => throw new IOException("no connection");
    }
}
