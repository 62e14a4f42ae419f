using Dapper;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>How alerts stand after checks, and what people decide on them.</summary>
[TestFixture]
public sealed class AlertStateTests
{
    private const string Name = "elsewhere";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private Scripted _monitor = null!;
    private CollectingAlertSink _sink = null!;
    private CollectingAlertSink _pager = null!;

    [SetUp]
    public async Task SetUp()
    {
        _folder = new TempFolder();
        _monitor = new Scripted();
        _sink = new CollectingAlertSink { WantsResolved = true };
        _pager = new CollectingAlertSink();
        await OpenAsync();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_EverySubjectIsStableAgain_ResolvesTheAlertAndTellsWhoWantsToKnow()
    {
        await CheckAsync(("a", true), ("b", true));
        var open = await SingleAsync();
        await CheckAsync(("a", false), ("b", true));
        var half = await SingleAsync();
        await CheckAsync(("a", false), ("b", null));
        var unknown = await SingleAsync();
        var report = await CheckAsync(("a", false), ("b", false));
        var resolved = await SingleAsync();

        Assert.Multiple(async () =>
        {
            Assert.That((open.Status, open.Delivery, open.Ended), Is.EqualTo((AlertStatus.Open, AlertDelivery.Sent, (AlertDecision?)null)));
            Assert.That(open.Subjects, Is.EquivalentTo(Subjects("a", "b")));
            Assert.That(half.OpenSubjects, Is.EqualTo(Subjects("b")));
            Assert.That(unknown.Status, Is.EqualTo(AlertStatus.Open), "what could not be judged has not recovered");
            Assert.That(report.Resolved, Is.EqualTo(new[] { open.Id }));
            Assert.That(resolved.Status, Is.EqualTo(AlertStatus.Resolved));
            Assert.That(resolved.Ended, Is.EqualTo(new AlertDecision(_time.GetUtcNow(), "monitor", "what it is about is stable again")));
            Assert.That(_sink.Alerts.Select(alert => (alert.Id, alert.Kind)), Is.EqualTo(
                new[] { (open.Id, AlertKind.Raised), (open.Id, AlertKind.Resolved) }));
            Assert.That(_pager.Alerts.Select(alert => alert.Kind), Is.EqualTo(new[] { AlertKind.Raised }), "it does not want to know");
            Assert.That(await ActionsAsync(), Is.EqualTo(new[] { ("monitor", "alert.resolved") }));
        });
    }

    [Test]
    public async Task Acknowledge_StaysQuietUntilItHasRecovered()
    {
        await CheckAsync(("a", true), ("b", false));
        var alert = await SingleAsync();

        var acknowledged = await _workspace.Alerts.AcknowledgeAsync(alert.Id, "the supplier changed the unit; fixed on Monday");

        _time.Advance(TimeSpan.FromDays(2));
        await ReopenAsync();
        await CheckAsync(("a", true), ("b", false));
        Assert.That(_pager.Alerts, Has.Count.EqualTo(1), "also after the cooldown, and in another process");
        await CheckAsync(("a", true), ("b", true));
        Assert.That(_pager.Alerts, Has.Count.EqualTo(2), "another subject is another matter");
        var second = (await _workspace.Alerts.ListAsync(Name))[0];
        await CheckAsync(("a", false), ("b", true));
        var states = (await _workspace.Alerts.ListAsync(Name)).Select(each => each.Status).ToArray();
        await CheckAsync(("a", true), ("b", true));

        Assert.Multiple(() =>
        {
            Assert.That(acknowledged.Status, Is.EqualTo(AlertStatus.Acknowledged));
            Assert.That(
                (acknowledged.Acknowledged!.By, acknowledged.Acknowledged.Reason),
                Is.EqualTo(("tester", "the supplier changed the unit; fixed on Monday")));
            Assert.That(second.OpenSubjects, Is.EqualTo(Subjects("b")));
            Assert.That(states, Is.EqualTo(new[] { AlertStatus.Open, AlertStatus.Resolved }));
            Assert.That(_pager.Alerts, Has.Count.EqualTo(3), "it had recovered, so its next change is alerted");
        });
    }

    [Test]
    public async Task Check_AlertedAgainAfterTheCooldown_SupersedesTheAlertBefore()
    {
        await CheckAsync(("a", true));
        _time.Advance(TimeSpan.FromHours(1));
        await CheckAsync(("a", true));

        var alerts = await _workspace.Alerts.ListAsync(Name);

        Assert.That(alerts.Select(alert => alert.Status), Is.EqualTo(new[] { AlertStatus.Open, AlertStatus.Superseded }));
        Assert.That(alerts[1].Ended!.Reason, Is.EqualTo($"alert {alerts[0].Id} is about the same"));
        Assert.That(await _workspace.Alerts.ListAsync(Name, AlertStatus.Open), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Mute_Everything_NothingIsSentAndReportsSaySo()
    {
        await CheckAsync(("a", true));
        var mute = await _workspace.Alerts.MuteAsync(Name, "we move the data centre", TimeSpan.FromHours(5));

        var report = await CheckAsync(("a", true), ("b", true));
        var resolving = await CheckAsync(("a", false), ("b", true));
        var during = (_sink.Alerts.Count, Muted: await _workspace.Alerts.MutesAsync(Name));
        _time.Advance(TimeSpan.FromHours(5));
        var after = await CheckAsync(("a", false), ("b", true));

        Assert.Multiple(async () =>
        {
            Assert.That(report.Alert, Is.Null);
            Assert.That(report.Muted, Is.EquivalentTo(Subjects("a", "b")));
            Assert.That(report.ToString(), Does.Contain(", muted"));
            Assert.That(report.ToHtml(), Does.Contain("Muted: "));
            Assert.That(resolving.Resolved, Has.Count.EqualTo(1), "it is recorded, and not sent");
            Assert.That(during.Count, Is.EqualTo(1), "the alert from before");
            Assert.That(during.Muted, Is.EqualTo(new[] { mute }));
            Assert.That((mute.By, mute.Reason, mute.Until), Is.EqualTo(("tester", "we move the data centre", _time.GetUtcNow())));
            Assert.That(after.Alert?.Subjects, Is.EqualTo(Subjects("b")), "what changed meanwhile is alerted when the mute ends");
            Assert.That(await _workspace.Alerts.MutesAsync(Name), Is.Empty);
            Assert.That(await ActionsAsync(), Is.EqualTo(new[] { ("tester", "alert.muted"), ("monitor", "alert.resolved") }));
        });
    }

    [Test]
    public async Task Mute_OneSubject_OthersAreAlertedWithoutIt()
    {
        var mute = await _workspace.Alerts.MuteAsync(Name, "known", signal: Signal.Custom, subject: "a");
        await _workspace.Alerts.MuteAsync(Name, "of another signal", signal: Signal.Bias);
        await _workspace.Alerts.MuteAsync("another model", "not ours");

        var report = await CheckAsync(("a", true), ("b", true));
        await _workspace.Alerts.UnmuteAsync(mute.Id, "the column is back");
        await _workspace.Alerts.UnmuteAsync(mute.Id, "twice is once");
        var later = await CheckAsync(("a", true), ("b", true));

        Assert.Multiple(async () =>
        {
            Assert.That(report.Alert!.Subjects, Is.EqualTo(Subjects("b")));
            Assert.That(report.Alert.Message, Does.Contain("b (").And.Not.Contain("a ("));
            Assert.That(report.Muted, Is.EqualTo(Subjects("a")));
            Assert.That(later.Alert!.Message, Does.Contain("a (").And.Contain("b ("));
            Assert.That(
                (await ActionsAsync()).Count(entry => entry == ("tester", "alert.unmuted")), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Mute_RulesOfRetraining_StillAsk()
    {
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(_workspace);
        await _workspace.Alerts.MuteAsync(SampleLifecycle.Name, "a campaign");
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(500, seed: 9, shifted: true));

        var report = (await _workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That((report.Alert, report.AskedForRetraining), Is.EqualTo(((Alert?)null, true)));
    }

    [Test]
    public async Task Check_SinkFails_TheRecordSaysSo()
    {
        await WatchAsync(new Failing());
        await CheckAsync(("a", true));

        var alert = await SingleAsync();

        Assert.That(alert.Delivery, Is.EqualTo(AlertDelivery.Failed));
        Assert.That(alert.DeliveryFailure, Is.EqualTo("Failing: no line"));
    }

    [Test]
    public async Task Check_AnotherVersionOrAnAlertOfAnEarlierLibrary_IsResolved()
    {
        var book = _workspace.MonitoringServices.Alerts;
        var old = new Alert("old", Name, 3, _time.GetUtcNow(), [Signal.Custom], "a changed.") { Subjects = Subjects("a") };
        await book.RaiseAsync(old, old.Subjects, CancellationToken.None);
        await _workspace.Store.WriteAsync(connection => connection.Execute(
            "INSERT INTO alerts(id, model, at, severity, signal, message, state) " +
                "VALUES ('earlier', @Name, 1, 'warning', 'Bias', 'x', 'sent')",
            new { Name }));

        var report = await CheckAsync(("a", false));

        Assert.That(report.Resolved, Is.EquivalentTo(new[] { "old", "earlier" }));
        var ended = (await _workspace.Alerts.ListAsync(Name)).Single(alert => alert.Id == "old").Ended!;
        Assert.That(ended.Reason, Does.EndWith("is watched now"));
    }

    [Test]
    public async Task Check_AlertIsDamaged_GoesOnWithTheOthers()
    {
        await CheckAsync(("a", true));
        await _workspace.Store.WriteAsync(connection => connection.Execute("UPDATE alerts SET open_subjects = 'x'"));

        var report = await CheckAsync(("a", true), ("b", true));

        Assert.That(report.Alert!.Subjects, Is.EquivalentTo(Subjects("a", "b")));
        Assert.That(
            async () => await _workspace.Alerts.ListAsync(Name), Throws.TypeOf<MlOpsException>().With.Message.Contains("is damaged"));
    }

    [Test]
    public async Task Check_AnotherProcessEndedBeforeItSentAnAlert_SendsItOnceMore()
    {
        var version = (await CheckAsync(("b", null))).Version;
        var lost = new Alert(PredictionId.New().ToString(), Name, version, _time.GetUtcNow(), [Signal.Custom], "a changed")
        {
            Subjects = Subjects("a"),
        };
        await _workspace.MonitoringServices.Alerts.RaiseAsync(lost, lost.Subjects, CancellationToken.None);
        await CheckAsync(("b", null));
        var early = _pager.Alerts.Count(alert => alert.Id == lost.Id);

        _time.Advance(TimeSpan.FromMinutes(10));
        await CheckAsync(("b", null));
        await CheckAsync(("b", null));

        var alert = (await _workspace.Alerts.ListAsync(Name)).Single(alert => alert.Id == lost.Id);
        Assert.Multiple(() =>
        {
            Assert.That(early, Is.Zero, "the process may still be sending it");
            Assert.That(
                _pager.Alerts.Where(sent => sent.Id == lost.Id).Select(sent => (sent.Message, sent.At, sent.Kind)),
                Is.EqualTo(new[] { (lost.Message, lost.At, AlertKind.Raised) }));
            Assert.That(alert.Delivery, Is.EqualTo(AlertDelivery.Sent));
        });
    }

    [Test]
    public async Task Decide_AlertThatIsOverOrUnknown_IsAnErrorAndNothingIsWritten()
    {
        await CheckAsync(("a", true));
        var alert = await SingleAsync();
        var resolved = await _workspace.Alerts.ResolveAsync(alert.Id, "a false alarm");
        var entries = await ActionsAsync();

        Assert.That((resolved.Status, resolved.Ended!.By), Is.EqualTo((AlertStatus.Resolved, "tester")));
        Assert.That(
            async () => await _workspace.Alerts.AcknowledgeAsync(alert.Id, "late"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is over: a false alarm"));
        Assert.That(
            async () => await _workspace.Alerts.AcknowledgeAsync("nobody", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no alert"));
        Assert.That(
            async () => await _workspace.Alerts.UnmuteAsync(99, "x"), Throws.TypeOf<MlOpsException>().With.Message.Contains("no mute 99"));
        Assert.That(async () => await _workspace.Alerts.AcknowledgeAsync(alert.Id, " "), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await _workspace.Alerts.MuteAsync(Name, ""), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            async () => await _workspace.Alerts.MuteAsync(Name, "x", TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(await ActionsAsync(), Is.EqualTo(entries));
        Assert.That((await _workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    private async Task OpenAsync()
    {
        _workspace = await Workspace.OpenAsync(_folder.Path, options => (options.Time, options.Actor) = (_time, "tester"));
        await WatchAsync(_pager);
    }

    private async Task ReopenAsync()
    {
        await _workspace.DisposeAsync();
        await OpenAsync();
    }

    private Task WatchAsync(IAlertSink sink) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification("y", "Yes"))
        .CollectData(data => data.FromObjects(Rows))
        .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").MinimumRows(2).Watch(_monitor).Alert(_sink).Alert(sink))
        .Build()
        .RunAsync(_workspace);

    private async Task<MonitoringReport> CheckAsync(params (string Subject, bool? IsChanged)[] subjects)
    {
        _monitor.Subjects = subjects;
        var monitor = _workspace.Monitor(Name);
        await monitor.RecordAsync(await DataSources.Objects(Rows).ReadAllAsync());
        return (await monitor.CheckAsync())!;
    }

    private async Task<AlertRecord> SingleAsync() => (await _workspace.Alerts.ListAsync(Name)).Single();

    private async Task<(string Actor, string Action)[]> ActionsAsync() =>
    [
        .. (await _workspace.Audit.ReadAsync(subject: AuditedLooks.Prefix + Name).ToListAsync())
            .Where(entry => entry.Action.StartsWith("alert.", StringComparison.Ordinal))
            .Select(entry => (entry.Actor, entry.Action)),
    ];

    private static AlertSubject[] Subjects(params string[] names) => [.. names.Select(name => new AlertSubject(Signal.Custom, name))];

    private static Row[] Rows => [.. Enumerable.Range(0, 40).Select(i => new Row(i, i % 2 == 0 ? 0.9 : 0.1, i % 2 == 0 ? "Yes" : "No"))];

    private sealed record Row(double A, double Score, string Y);

    /// <summary>Finds what the test says: changed, stable, or not measured.</summary>
    private sealed class Scripted : IDriftMonitor
    {
        public string Name => "scripted";

        public MonitorNeeds Needs => MonitorNeeds.None;

        public (string Subject, bool? IsChanged)[] Subjects { get; set; } = [];

        public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyList<Measurement>>([.. Subjects.Select(subject => new Measurement
            {
                Signal = Signal.Custom,
                Subject = subject.Subject,
                Statistic = "x",
                Value = 1,
                Effect = "y",
                EffectSize = subject.IsChanged == true ? 1 : 0,
                Material = 0.5,
                NotMeasured = subject.IsChanged is null ? "no rows" : null,
            })]);
    }

    private sealed class Failing : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) => throw new IOException("no line");
    }
}
