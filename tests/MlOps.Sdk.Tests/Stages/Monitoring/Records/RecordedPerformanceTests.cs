using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Performance, service and value of a lifecycle that is deployed and called, from what the workspace stores.</summary>
[TestFixture]
public sealed class RecordedPerformanceTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 30, TimeSpan.Zero));
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    private ModelMonitor Monitor => _workspace.Monitor(SampleLifecycle.Name);

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_LabelsComeLateAndAreWorse_AsksForARetrainingThatIsDone()
    {
        var lifecycle = Lifecycle(monitoring => monitoring
            .Performance(Metric.RocAuc, atMostWorse: 0.05)
            .Performance(Metric.Accuracy, atMostWorse: 0.05, by: "abroad")
            .Value("kept", (decision, label) => decision == label ? 10 : -10, atMostLess: 1)
            .RetrainOn(Signal.Performance, RetrainingData.Original.And(RetrainingData.Feedback)));
        var run = await lifecycle.RunAsync(_workspace);
        var labels = Serve(Subscriber.Draw(600, 9, shifted: true));

        var early = (await Monitor.CheckAsync())!;
        _time.Advance(TimeSpan.FromHours(2));
        await Monitor.LabelAsync(labels);
        var late = (await Monitor.CheckAsync())!;

        var area = Find(late, "roc_auc");
        Assert.Multiple(() =>
        {
            Assert.That(run.Deployment!.Holdout.Keys, Is.SupersetOf(new[] { "roc_auc", "value(kept)" }), "evaluated on the holdout, too");
            Assert.That(Find(early, "roc_auc").Measurement.NotMeasured, Is.EqualTo(
                "0 usable labels; 100 are needed. 0 of 600 predictions have a label."));
            Assert.That(early.AskedForRetraining, Is.False);
            Assert.That(late.Rows, Is.Zero, "nothing was predicted since, and labels have come");
            Assert.That(area.Verdict, Is.EqualTo(MonitoringVerdict.Changed), area.ToString());
            Assert.That(area.Measurement.CurrentRows, Is.EqualTo(600));
            Assert.That(area.Measurement.ReferenceRows, Is.EqualTo(run.Deployment.HoldoutRows));
            Assert.That(area.Measurement.Note, Does.Contain($"{PerformanceLabels.Say(run.Deployment.Holdout["roc_auc"])} on the holdout"));
            Assert.That(Find(late, "value(kept)").Measurement.Signal, Is.EqualTo(Signal.Value));
            Assert.That(Find(late, "value(kept)").Verdict, Is.EqualTo(MonitoringVerdict.Changed), Find(late, "value(kept)").ToString());
            Assert.That(
                late.Findings.Select(finding => finding.Measurement.Subject),
                Is.SupersetOf(new[] { "accuracy (abroad=true)", "accuracy (abroad=false)" }));
            Assert.That(late.AskedForRetraining, Is.True);
            Assert.That(late.Alert!.Signals, Does.Contain(Signal.Performance).And.Contain(Signal.Value));
        });

        var retrained = (await lifecycle.RetrainAsync(_workspace)).Run!;

        Assert.That(retrained.Record.Cause, Does.StartWith("retraining: Performance"));
    }

    [Test]
    public async Task Check_AsGoodAsReleased_IsStableAndTheWindowEnds()
    {
        await Lifecycle(monitoring => monitoring.DataDrift().Performance(Metric.RocAuc, 0.05).Errors().Volume()).RunAsync(_workspace);
        for (var window = 0; window < 3; window++)
        {
            await Monitor.LabelAsync(Serve(Subscriber.Draw(400, 20 + window)));
            _time.Advance(TimeSpan.FromMinutes(10));

            var report = (await Monitor.CheckAsync())!;

            Assert.That(report.Rows, Is.EqualTo(400), "what lacks calls of a week ago keeps no window open");
            Assert.That(Find(report, "roc_auc").Verdict, Is.EqualTo(MonitoringVerdict.Stable), Find(report, "roc_auc").ToString());
            Assert.That(Find(report, "roc_auc").Measurement.CurrentRows, Is.EqualTo(400 * (window + 1)));
            Assert.That(
                report.Findings.Single(finding => finding.Measurement.Signal == Signal.Volume).Verdict,
                Is.EqualTo(MonitoringVerdict.NotEnoughData));
            Assert.That(
                report.Findings.Single(finding => finding.Measurement.Signal == Signal.Errors).Measurement.CurrentRows,
                Is.EqualTo(400));
        }
    }

    [Test]
    public async Task Check_PredictionsOlderThanAsked_DoNotCount()
    {
        await Lifecycle(monitoring => monitoring.Performance(Metric.RocAuc, 0.05, over: TimeSpan.FromHours(1))).RunAsync(_workspace);
        var old = Serve(Subscriber.Draw(150, 20));
        await Monitor.FlushAsync();
        _time.Advance(TimeSpan.FromMinutes(90));
        await Monitor.LabelAsync(old.Concat(Serve(Subscriber.Draw(120, 21))));

        var report = (await Monitor.CheckAsync())!;

        Assert.That(Find(report, "roc_auc").Measurement.CurrentRows, Is.EqualTo(120));
    }

    [Test]
    public async Task Check_MetricAddedToALifecycleThatIsLive_IsComparedWithItsNewEvaluation()
    {
        await Lifecycle(monitoring => monitoring.DataDrift()).RunAsync(_workspace);
        var run = await Lifecycle(monitoring => monitoring.Performance(Metric.Recall, 0.5)).RunAsync(_workspace);
        await Monitor.LabelAsync(Serve(Subscriber.Draw(300, 20)));

        var recall = Find((await Monitor.CheckAsync())!, "recall");

        Assert.That(run.Deployment!.Version, Is.EqualTo(1), "the same model is not registered again");
        Assert.That(recall.Verdict, Is.EqualTo(MonitoringVerdict.Stable), recall.ToString());
        Assert.That(recall.Measurement.Note, Does.Contain($"{PerformanceLabels.Say(run.Deployment.Holdout["recall"])} on the holdout"));
    }

    [Test]
    public async Task Check_CallsSlowRefusedAndGone_AreFound()
    {
        var half = TimeSpan.FromMinutes(30);
        await SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs.Unseen(InputHandling.Reject)))
            .Monitored(monitoring => monitoring.Latency(0.5, TimeSpan.FromTicks(1)).Errors(0.01).Volume(half, half))
            .Build()
            .RunAsync(_workspace);
        for (var part = 0; part < 6; part++)
        {
            Serve(Subscriber.Draw(100, part));
            for (var row = 0; row < 5; row++)
            {
                Assert.That(
                    () => _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 20, "weekly", true)),
                    Throws.InstanceOf<MlOpsException>());
            }
            await Monitor.FlushAsync();
            await _workspace.Calls.StoreAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        var report = (await Monitor.CheckAsync())!;
        _time.Advance(half);
        var silent = (await Monitor.CheckAsync())!;

        MonitoringFinding Of(MonitoringReport of, Signal signal) => of.Findings.Single(finding => finding.Measurement.Signal == signal);
        Assert.Multiple(() =>
        {
            Assert.That(Of(report, Signal.Latency).Verdict, Is.EqualTo(MonitoringVerdict.Changed), report.ToString());
            Assert.That(Of(report, Signal.Latency).Measurement.CurrentRows, Is.EqualTo(600));
            Assert.That(Of(report, Signal.Errors).Verdict, Is.EqualTo(MonitoringVerdict.Changed), report.ToString());
            Assert.That(Of(report, Signal.Errors).Measurement.Note, Is.EqualTo("0 failed and 30 refused of 630 calls"));
            Assert.That(Of(silent, Signal.Volume).Verdict, Is.EqualTo(MonitoringVerdict.Changed), silent.ToString());
            Assert.That(Of(silent, Signal.Volume).Measurement.Note, Is.EqualTo("0 calls in the latest period, 630 in the earlier one"));
            Assert.That(silent.Rows, Is.Zero);
        });
    }

    [Test]
    public async Task Performance_OverTime_EqualsStage4OnTheSameRowsPerPeriodAndGroup()
    {
        await Lifecycle(monitoring => monitoring.DataDrift()).RunAsync(_workspace);
        var start = _time.GetUtcNow();
        var first = Subscriber.Draw(200, 20);
        var second = Subscriber.Draw(100, 21, shifted: true);
        var scores = await ServeAndLabelAsync(first);
        _time.Advance(TimeSpan.FromHours(2));
        await ServeAndLabelAsync(second);
        Serve(Subscriber.Draw(50, 22));
        await Monitor.FlushAsync();

        var series = await Monitor.PerformanceAsync(
            [Metric.RocAuc, Metric.Accuracy], TimeSpan.FromHours(1), start, start.AddHours(3), by: "abroad");

        var points = series.Points.Where(point => point is { Group: null, Metric: "roc_auc" }).ToArray();
        var evaluation = new Evaluation
        {
            Task = MlOps.Sdk.Problem.TaskKind.BinaryClassification,
            Labels = first.Select(row => row.Left == "Yes" ? 1.0 : 0).ToArray(),
            Scores = scores,
        };
        int[] abroad = [.. Enumerable.Range(0, first.Length).Where(row => first[row].Abroad)];
        Assert.Multiple(() =>
        {
            Assert.That(
                points.Select(point => point.From), Is.EqualTo(new[] { start, start.AddHours(2) }), "an hour without predictions has none");
            Assert.That(
                points.Select(point => (point.Labels, point.Predictions)), Is.EqualTo(new[] { (200L, (long?)200), (100L, (long?)150) }));
            Assert.That(points[1].Coverage, Is.EqualTo(100.0 / 150));
            AssertEqual(points[0].Value, MetricIntervals.Compute(Metric.RocAuc, evaluation));
            AssertEqual(
                series.Points.Single(point => point is { Group: "true", Metric: "roc_auc" } && point.From == start).Value,
                MetricIntervals.Compute(Metric.RocAuc, evaluation.Take(abroad)));
            Assert.That(points[1].Value.Value, Is.LessThan(points[0].Value.Lower));
            Assert.That(series.Unread, Is.Empty);
            Assert.That(series.ToHtml(), Does.Contain("subscribers: performance").And.Contain("class=\"band\"").And.Contain("66.7"));
        });

        var report = (await Monitor.CheckAsync())!;

        Assert.That(report.ToHtml(series), Does.Contain("Performance over time").And.Contain("class=\"band\""));
        Assert.That(report.ToHtml(), Does.Not.Contain("Performance over time"));
    }

    [Test]
    public async Task Performance_ByTheCalendar_HasTheBoundsOfLocalDaysAndShowsThem()
    {
        var run = await Lifecycle(monitoring => monitoring.Performance(Metric.RocAuc, 0.05)).RunAsync(_workspace);
        // Without the timers of four weeks.
        _time.AdjustTime(new DateTimeOffset(2026, 3, 28, 23, 30, 0, TimeSpan.Zero));
        await ServeAndLabelAsync(Subscriber.Draw(120, 20));
        _time.AdjustTime(_time.GetUtcNow().AddHours(23));
        await ServeAndLabelAsync(Subscriber.Draw(130, 21));

        var now = _time.GetUtcNow();
        var series = await Monitor.PerformanceAsync(
            [Metric.RocAuc, Metric.Accuracy], CalendarPeriod.Day, "Europe/Berlin", now.AddHours(-10), now, by: "abroad");

        var (winter, summer) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        var midnight = new DateTimeOffset(2026, 3, 29, 0, 0, 0, winter);
        var points = series.Points.Where(point => point is { Group: null, Metric: "roc_auc" }).ToArray();
        var page = series.ToHtml();
        Assert.Multiple(() =>
        {
            Assert.That(points.Select(point => (point.From, point.From.Offset, point.To - point.From, point.Labels)), Is.EqualTo(new[]
            {
                (midnight, winter, TimeSpan.FromHours(23), 120L), (midnight.AddHours(23), summer, TimeSpan.FromHours(24), 130L),
            }));
            Assert.That((series.Period, series.TimeZone), Is.EqualTo((CalendarPeriod.Day, "Europe/Berlin")));
            Assert.That(series.Points.Select(point => point.Metric).Distinct(), Is.EqualTo(new[] { "roc_auc", "accuracy" }));
            Assert.That(series.Holdout[0], Is.EqualTo(new HoldoutValue(1, "roc_auc", run.Deployment!.Holdout["roc_auc"])));
            Assert.That(page, Does.Contain("29 to 30 March 2026, by day, Europe/Berlin").And.Contain(">29 March 2026</td>"));
            Assert.That(page, Does.Contain(">29 Mar<").And.Contain(">30 Mar<").And.Contain(">abroad = true<"));
            Assert.That(page, Does.Contain(" on the holdout, all groups<").And.Contain("class=\"base\""));
        });
    }

    [Test]
    public void Performance_TimeZoneIsUnknown_IsRejected() => Assert.That(
        () => Monitor.PerformanceAsync(
            [Metric.F1], CalendarPeriod.Day, "Europe/Berlim", _time.GetUtcNow().AddDays(-1), _time.GetUtcNow()),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("Europe/Berlin"));

    [Test]
    public async Task Performance_ArgumentsOutOfRange_AreRejected()
    {
        var at = _time.GetUtcNow();

        Assert.That(() => Monitor.PerformanceAsync([], TimeSpan.FromDays(1), at, at.AddDays(1)), Throws.ArgumentException);
        Assert.That(
            () => Monitor.PerformanceAsync([Metric.F1, Metric.F1], TimeSpan.FromDays(1), at, at.AddDays(1)), Throws.ArgumentException);
        Assert.That(
            () => Monitor.PerformanceAsync([Metric.F1], TimeSpan.Zero, at, at.AddDays(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Monitor.PerformanceAsync([Metric.F1], TimeSpan.FromSeconds(1), at, at.AddDays(1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Monitor.PerformanceAsync([Metric.F1], TimeSpan.FromDays(1), at, at), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Monitor.PerformanceAsync([Metric.F1], CalendarPeriod.Hour, "UTC", at, at.AddDays(42)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        var none = await Monitor.PerformanceAsync([Metric.F1], TimeSpan.FromDays(1), at, at.AddDays(1));
        Assert.That(none.Points, Is.Empty);
        Assert.That(none.ToHtml(), Does.Contain("No predictions"));
    }

    [Test]
    public async Task Records_OfAWindow_AreThoseOfAllProcesses()
    {
        var own = new OwnMonitor();
        await Lifecycle(monitoring => monitoring.Watch(own)).RunAsync(_workspace);
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
        await other.ServeAsync(SampleLifecycle.Name);
        await Monitor.LabelAsync(Serve(Subscriber.Draw(150, 20)));
        await other.Monitor(SampleLifecycle.Name).LabelAsync(Serve(Subscriber.Draw(60, 21), other));
        await other.Calls.StoreAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(5));

        await Monitor.CheckAsync();

        Assert.Multiple(() =>
        {
            Assert.That(own.Labelled!.Evaluation.RowCount, Is.EqualTo(210));
            Assert.That(own.Labelled.Coverage, Is.EqualTo(1));
            Assert.That(own.Labelled.Classes, Is.EqualTo(new[] { "No", "Yes" }));
            Assert.That(own.Labelled.Evaluation.Groups["abroad"], Has.Count.EqualTo(210));
            Assert.That(own.Calls!.Total, Is.EqualTo(210));
            Assert.That(own.Calls.LatencyQuantile(0.5).Seconds, Is.GreaterThan(0));
            Assert.That(own.Window!.To - own.Window.From, Is.EqualTo(TimeSpan.FromMinutes(5)).Within(TimeSpan.FromSeconds(1)));
            Assert.That(
                () => own.Window.Records.LabelledAsync(own.Window.From, own.Window.To, ["age of the moon"]),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is not recorded"));
        });
    }

    // Values come from callers: none may forge a line of the log, or colour it.
    [Test]
    public async Task Check_GroupsAndSubjectsWithControlCharacters_AreWrittenPrintable()
    {
        const string hostile = "x\r\nfail: forged\u001b[31m\u202e";
        using var folder = new TempFolder();
        var logged = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.LoggerFactory = new LogWatcher(_ => { }, logged.Enqueue));
        await SampleLifecycle.Begin(features: features => features.Auto().Observe("plan")).Deployed().Monitored(monitoring => monitoring
            .Performance(Metric.Accuracy, atMostWorse: 0.05, by: "plan")
            .Watch(new Hostile(hostile))
            .AlertByWebhook(receiver.Url)
            .RetrainOn(Signal.Performance, RetrainingData.Original)).Build().RunAsync(workspace);
        Subscriber[] rows =
        [
            .. Subscriber.Draw(400, 9),
            .. Subscriber.Draw(200, 10).Select(row => row with { Plan = hostile, Left = row.Left == "Yes" ? "No" : "Yes" }),
        ];
        await workspace.Monitor(SampleLifecycle.Name).LabelAsync(Serve(rows, workspace));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        var entries = new List<string>();
        await foreach (var entry in workspace.Audit.ReadAsync()) entries.Add(entry.Details);
        var webhook = receiver.Requests.Single().Json;
        string[] written =
        [
            .. logged,
            report.Alert!.Message,
            .. report.Alert.Subjects.Select(subject => subject.Subject),
            .. report.Findings.Select(finding => finding.ToString()),
            .. entries,
            webhook.GetProperty("message").GetString()!,
            .. webhook.GetProperty("subjects").EnumerateArray().Select(subject => subject.GetProperty("subject").GetString()!),
        ];
        Assert.That(report.Changes.Select(finding => finding.Measurement.Subject), Has.Some.Contains("plan=x\\u000d\\u000afail"));
        Assert.That(report.Changes.Select(finding => finding.Measurement.Subject), Has.Some.Contains("own x\\u000d\\u000afail"));
        Assert.That(
            written.Where(line => line.Contains("fail: forged", StringComparison.Ordinal)).SelectMany(line => line),
            Is.Not.Empty.And.None.Matches<char>(c => char.IsControl(c) || c == '\u202e'));
        Assert.That(report.ToHtml(), Does.Not.Contain("\u001b").And.Not.Contain("\u202e").And.Contain("fail: forged"));
    }

    private static void AssertEqual(MetricValue actual, MetricValue expected) => Assert.That(
        new[] { actual.Value, actual.Lower, actual.Upper },
        Is.EqualTo(new[] { expected.Value, expected.Lower, expected.Upper }).Within(1e-9));

    private static MonitoringFinding Find(MonitoringReport report, string subject) =>
        report.Findings.Single(finding => finding.Measurement.Subject == subject);

    private static Lifecycle Lifecycle(Action<MonitoringBuilder> monitor) =>
        SampleLifecycle.Begin().Deployed().Monitored(monitor).Build();

    private Dictionary<PredictionId, string> Serve(Subscriber[] rows, Workspace? workspace = null)
    {
        var endpoint = (workspace ?? _workspace).Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        return rows.ToDictionary(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Id, row => row.Left);
    }

    private async Task<double[]> ServeAndLabelAsync(Subscriber[] rows)
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var answers = Array.ConvertAll(rows, row => endpoint.Predict(UnlabelledSubscriber.Of(row)));
        await Monitor.LabelAsync(answers.Zip(rows, (answer, row) => KeyValuePair.Create(answer.Id, row.Left)));
        return Array.ConvertAll(answers, answer => answer.Value.Score);
    }

    private sealed class Hostile(string text) : IDriftMonitor
    {
        public string Name => "hostile";

        public MonitorNeeds Needs => MonitorNeeds.None;

        public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyList<Measurement>>(
            [
                new Measurement
                {
                    Signal = Signal.Custom, Subject = $"own {text}", Statistic = text, Value = 1, Effect = text, EffectSize = 1,
                    Material = 0.1, Note = text,
                },
            ]);
    }

    private sealed class OwnMonitor : IDriftMonitor
    {
        public MonitoringWindow? Window { get; private set; }

        public LabelledPredictions? Labelled { get; private set; }

        public ServedCalls? Calls { get; private set; }

        public string Name => "own";

        public MonitorNeeds Needs => MonitorNeeds.Labels | MonitorNeeds.Calls;

        public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default)
        {
            Window = window;
            Labelled = await window.Records.LabelledAsync(window.From.AddDays(-1), window.To, ["abroad"], cancellationToken);
            Calls = await window.Records.CallsAsync(window.From, window.To, cancellationToken);
            return [];
        }
    }
}
