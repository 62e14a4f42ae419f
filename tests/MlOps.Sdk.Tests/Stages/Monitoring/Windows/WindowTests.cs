using System.Globalization;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Windows of one model in several processes, which are workspaces on one folder, on a clock of the test.</summary>
[TestFixture]
public sealed class WindowTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _logged = [];
    private readonly List<Workspace> _processes = [];
    private TempFolder _folder = null!;
    private int _drawn;

    [SetUp]
    public void Begin()
    {
        (_drawn, _folder) = (0, new TempFolder());
        _logged.Clear();
        _processes.Clear();
        if (_time.GetUtcNow().Month != 3) _time.AdjustTime(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [TearDown]
    public async Task EndAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_TwoProcesses_GiveOneReportLikeThatOfOne()
    {
        var (one, other) = (await WatchAsync(), await WatchAsync());
        var events = Draw(600, shift: 1);
        await RecordAsync(one, events[..350]);
        await RecordAsync(other, events[350..]);
        await other.Monitor("m").FlushAsync();
        var together = (await one.Monitor("m").CheckAsync())!;
        Assert.That(await other.Monitor("m").CheckAsync(), Is.Null, "it was judged once");

        await RecordAsync(one, events);
        var alone = (await one.Monitor("m").CheckAsync())!;

        Assert.Multiple(() =>
        {
            Assert.That((together.Rows, together.Version), Is.EqualTo((600, 0)));
            Assert.That(together.Window!.Kind, Is.EqualTo(WindowKind.SinceLastCheck));
            Assert.That(together.Window.IsComplete, Is.True);
            Assert.That(together.Changes.Select(finding => finding.Measurement.Subject), Does.Contain("a"));
            foreach (var (finding, expected) in together.Findings.Zip(alone.Findings))
            {
                Assert.That(finding.Measurement.Subject, Is.EqualTo(expected.Measurement.Subject));
                Assert.That(finding.Verdict, Is.EqualTo(expected.Verdict));
                Assert.That(finding.Measurement.EffectSize, Is.EqualTo(expected.Measurement.EffectSize).Within(0.02));
                Assert.That(finding.Measurement.CurrentRows, Is.EqualTo(expected.Measurement.CurrentRows));
            }
        });
    }

    [Test]
    public async Task Check_NothingCameSinceItWasJudged_IsNotJudgedAgain()
    {
        var one = await WatchAsync();
        await RecordAsync(one, Draw(40));
        var few = (await one.Monitor("m").CheckAsync())!;
        var idle = await one.Monitor("m").CheckAsync();
        await RecordAsync(one, Draw(400));
        var enough = (await one.Monitor("m").CheckAsync())!;

        Assert.That((few.Rows, few.Window!.IsComplete, idle), Is.EqualTo((40, false, (MonitoringReport?)null)));
        Assert.That((enough.Rows, enough.Window!.IsComplete), Is.EqualTo((440, true)));
        Assert.That(enough.Window.From, Is.EqualTo(few.Window.From));
    }

    [TestCase("1-3", "4-5", "1-5")]
    [TestCase("7-9", "1-3", "1-3,7-9")]
    [TestCase("1-3,8-9", "2-7", "1-9")]
    [TestCase("", "2-2", "2-2")]
    public void Join_Marks_AreOneWhereTheyFollowEachOther(string one, string other, string joined) =>
        Assert.That(MlOps.Sdk.Storage.PaneMarks.Join([one, other]), Is.EqualTo(joined));

    [Test]
    public async Task Check_ProcessThatDied_CountsWhatItStoredAndNothingTwice()
    {
        var (died, other) = (await WatchAsync(), await WatchAsync());
        await RecordAsync(died, Draw(300));
        await died.Monitor("m").FlushAsync();

        // Nobody drains it any more, as its clock stands still: what comes now was not stored when it died.
        await RecordAsync(died, Draw(120));
        await RecordAsync(other, Draw(250));

        Assert.That((await other.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(550));
        Assert.That(await other.Monitor("m").CheckAsync(), Is.Null);
    }

    [Test]
    public async Task Check_WhileAnotherProcessAdds_LeavesToTheNextWhatCameSince()
    {
        var (one, other) = (await WatchAsync(), await WatchAsync());
        await RecordAsync(other, Draw(300));
        await other.Monitor("m").FlushAsync();
        await RecordAsync(other, Draw(210));

        Assert.That((await one.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(300));
        await other.Monitor("m").FlushAsync();
        await RecordAsync(other, Draw(40));
        await other.Monitor("m").FlushAsync();

        Assert.That((await one.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(250));
    }

    [Test]
    public async Task Check_AnotherProcessChecks_GivesNothingAndAlertsOnce()
    {
        var (began, goOn) = (NewSignal(), NewSignal());
        var alerts = new List<Alert>();
        var one = await WatchAsync(configure: monitoring => monitoring.Alert(new Sink(alerts)).Watch(new Waiting(began, goOn)));
        var other = await WatchAsync(configure: monitoring => monitoring.Alert(new Sink(alerts)));
        await RecordAsync(other, Draw(600, shift: 1));
        await other.Monitor("m").FlushAsync();

        var check = one.Monitor("m").CheckAsync();
        await began.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var meanwhile = await other.Monitor("m").CheckAsync();
        goOn.SetResult();

        Assert.That(meanwhile, Is.Null);
        Assert.That((await check)!.Rows, Is.EqualTo(600));
        Assert.That(await other.Monitor("m").CheckAsync(), Is.Null);
        Assert.That(alerts, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Check_CheckerDied_IsTakenOverAfterAMinute()
    {
        var (began, goOn) = (NewSignal(), NewSignal());
        var one = await WatchAsync(configure: monitoring => monitoring.Watch(new Waiting(began, goOn)));
        await RecordAsync(one, Draw(600));
        var check = one.Monitor("m").CheckAsync();
        await began.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var other = await WatchAsync();
        await other.Store.WriteAsync(connection => connection.Execute(
            "UPDATE monitored_models SET checked_until = @now", new { now = _time.GetUtcNow().UtcTicks }));

        Assert.That((await other.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(600));
        goOn.SetResult();

        Assert.That(await check, Is.Null, "what another process took over is not reported again");
        Assert.That(await other.Monitor("m").ReportsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Check_WindowsByCount_HaveExactBoundariesOverProcesses()
    {
        var windows = MonitoringWindows.OfRows(300);
        var (one, other) = (await WatchAsync(windows), await WatchAsync(windows));
        await RecordAsync(one, Draw(250));
        Assert.That(await one.Monitor("m").CheckAsync(), Is.Null, "299 at most are not enough");
        await RecordAsync(other, Draw(49));
        await other.Monitor("m").FlushAsync();
        Assert.That(await one.Monitor("m").CheckAsync(), Is.Null, "299 are not enough");

        await RecordAsync(other, Draw(702));
        await other.Monitor("m").FlushAsync();
        var reports = await one.Monitor("m").CheckAllAsync();

        Assert.That(reports.Select(report => (report.Rows, report.Window!.Kind)), Is.EqualTo(
            Enumerable.Repeat((300L, WindowKind.Count), 3)));
        var open = (await one.Monitor("m").WindowsAsync()).Single(window => !window.IsComplete);
        Assert.That(open.Rows, Is.EqualTo(101));
    }

    [Test]
    public async Task Check_ByCountAndAPartIsLost_JudgesWhatIsThereAfterAMinute()
    {
        var windows = MonitoringWindows.OfRows(300);
        var (died, other) = (await WatchAsync(windows), await WatchAsync(windows));
        await RecordAsync(died, Draw(80));
        await RecordAsync(other, Draw(260));

        Assert.That(await other.Monitor("m").CheckAllAsync(), Is.Empty);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.That((await other.Monitor("m").CheckAllAsync()).Single().Rows, Is.EqualTo(220));
    }

    [Test]
    public async Task Check_WindowsByTheCalendar_FollowTheLocalDayWhereClocksChange()
    {
        var process = await WatchAsync(MonitoringWindows.Calendar(CalendarPeriod.Day, "Europe/Berlin"));
        _time.AdjustTime(At("2026-10-24T21:59:59Z"));
        await RecordAsync(process, Draw(210));
        _time.AdjustTime(At("2026-10-24T22:00:00Z"));
        await RecordAsync(process, Draw(220));
        _time.AdjustTime(At("2026-10-25T22:59:59Z"));
        await RecordAsync(process, Draw(230));
        _time.AdjustTime(At("2026-10-25T23:00:00Z"));
        await RecordAsync(process, Draw(240));

        Assert.That((await process.Monitor("m").CheckAllAsync()).Select(report => report.Rows), Is.EqualTo(new[] { 210 }));
        _time.Advance(TimeSpan.FromSeconds(30));
        var report = (await process.Monitor("m").CheckAllAsync()).Single();

        Assert.That(report.Rows, Is.EqualTo(450));
        Assert.That(
            (report.Window!.From, report.Window.To), Is.EqualTo((At("2026-10-24T22:00:00Z"), At("2026-10-25T23:00:00Z"))));
        Assert.That(report.Window.To - report.Window.From, Is.EqualTo(TimeSpan.FromHours(25)));
    }

    [Test]
    public async Task Windows_ByTheCalendar_HaveTheLocalBoundsAlsoWhileTheyAreOpen()
    {
        var process = await WatchAsync(MonitoringWindows.Calendar(CalendarPeriod.Day, "Europe/Berlin"));
        _time.AdjustTime(At("2026-10-24T22:10:00Z"));
        await RecordAsync(process, Draw(220));
        _time.AdjustTime(At("2026-10-25T23:10:00Z"));
        await RecordAsync(process, Draw(240));

        var report = (await process.Monitor("m").CheckAllAsync()).Single();
        var windows = await process.Monitor("m").WindowsAsync();

        var midnights = new[] { "2026-10-26T00:00:00+01:00", "2026-10-27T00:00:00+01:00", "2026-10-25T00:00:00+02:00" };
        Assert.Multiple(() =>
        {
            Assert.That(windows.Select(window => (Local(window.From), Local(window.To), window.IsComplete)), Is.EqualTo(
                new[] { (midnights[0], midnights[1], false), (midnights[2], midnights[0], true) }));
            Assert.That(windows.Select(window => window.ToString()), Is.EqualTo(new[]
            {
                "version 0, 26 October 2026, Europe/Berlin, open: 240 predictions, 0 labelled",
                "version 0, 25 October 2026, Europe/Berlin: 220 predictions, 0 labelled",
            }));
            Assert.That((Local(report.Window!.From), report.Window.TimeZone), Is.EqualTo((midnights[2], "Europe/Berlin")));
            Assert.That(report.ToHtml(), Does.Contain("The window is 25 October 2026, Europe/Berlin. "));
        });

        static string Local(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    [Test]
    public async Task Check_PartThatComesForAWindowThatWasJudged_IsCountedAsLate()
    {
        var windows = MonitoringWindows.Calendar(CalendarPeriod.Hour);
        var (slow, other) = (await WatchAsync(windows), await WatchAsync(windows));
        await RecordAsync(slow, Draw(70));
        await RecordAsync(other, Draw(300));
        _time.Advance(TimeSpan.FromHours(1.1));
        Assert.That((await other.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(300));

        await slow.Monitor("m").FlushAsync();
        await RecordAsync(other, Draw(250));
        _time.Advance(TimeSpan.FromHours(1));
        var report = (await other.Monitor("m").CheckAllAsync()).Single();

        Assert.That((report.Rows, report.Window!.LateRows), Is.EqualTo((250, 70)));
    }

    [Test]
    public async Task Check_WindowsByEventTime_TakeWhatComesOutOfOrderAndCountWhatIsLate()
    {
        _time.AdjustTime(At("2026-05-04T12:00:00Z"));
        var windows = MonitoringWindows.ByEventTime("time", CalendarPeriod.Hour, TimeSpan.FromMinutes(30));
        var (one, other) = (await WatchAsync(windows), await WatchAsync(windows));
        await RecordAsync(one, Draw(220, from: "2026-05-04T09:00:00Z"));
        await RecordAsync(other, Draw(30, from: "2026-05-04T09:59:00Z"));
        await RecordAsync(one, Draw(210, from: "2026-05-04T10:29:59Z"));
        await RecordAsync(one, Draw(20, from: "2026-05-04T09:10:00Z"));
        await other.Monitor("m").FlushAsync();
        Assert.That(await one.Monitor("m").CheckAllAsync(), Is.Empty, "the watermark has not passed 10:00");

        await RecordAsync(one, Draw(1, from: "2026-05-04T10:30:00Z"));
        await RecordAsync(one, Draw(13, from: "2026-05-04T09:59:59Z"));
        await RecordAsync(one, Draw(5, from: null));
        await RecordAsync(one, Draw(7, from: "2026-05-04T12:30:01Z"));
        var report = (await one.Monitor("m").CheckAllAsync()).Single();

        Assert.Multiple(() =>
        {
            Assert.That((report.Rows, report.Window!.LateRows, report.Window.UntimedRows), Is.EqualTo((270, 13, 12)));
            Assert.That(
                (report.Window.From, report.Window.To), Is.EqualTo((At("2026-05-04T09:00:00Z"), At("2026-05-04T10:00:00Z"))));
        });

        // The other process learns what is closed when it stores.
        await RecordAsync(other, Draw(9, from: "2026-05-04T09:30:00Z"));
        await other.Monitor("m").FlushAsync();
        await RecordAsync(other, Draw(4, from: "2026-05-04T09:30:00Z"));
        await RecordAsync(other, Draw(1, from: "2026-05-04T11:30:00Z"));
        await other.Monitor("m").FlushAsync();
        var next = (await one.Monitor("m").CheckAllAsync()).Single();

        Assert.That((next.Rows, next.Window!.LateRows, next.Window.UntimedRows), Is.EqualTo((211, 13, 0)));
    }

    [Test]
    public async Task Check_EventsOfAWrongClock_CloseNoWindow()
    {
        _time.AdjustTime(At("2026-05-04T12:00:00Z"));
        var process = await WatchAsync(MonitoringWindows.ByEventTime("time", CalendarPeriod.Day, TimeSpan.FromDays(1)));
        await RecordAsync(process, Draw(1, from: "2026-05-05T11:00:00Z"));
        await RecordAsync(process, Draw(1, from: "2099-01-01T00:00:00Z"));
        await RecordAsync(process, Draw(1, from: "0001-01-01T00:00:00Z"));
        await RecordAsync(process, Draw(250, from: "2026-05-03T12:00:00Z"));

        Assert.That(await process.Monitor("m").CheckAllAsync(), Is.Empty);
        Assert.That((await process.Monitor("m").WindowsAsync()).Sum(window => window.Rows), Is.EqualTo(251));
    }

    [Test]
    public async Task Check_DamagedPart_IsReportedAndLeftOut()
    {
        var (one, other) = (await WatchAsync(), await WatchAsync());
        await RecordAsync(other, Draw(90));
        await other.Monitor("m").FlushAsync();
        await one.Store.WriteAsync(connection => connection.Execute(
            "UPDATE monitoring_panes SET profiles = substr(profiles, 1, length(profiles) - 20) || zeroblob(20)"));
        await RecordAsync(one, Draw(300));

        var report = (await one.Monitor("m").CheckAsync())!;

        Assert.That((report.Rows, report.Window!.UnreadableRows), Is.EqualTo((300, 90)));
        Assert.That(_logged, Has.Some.Contains("90 predictions of m version 0 is damaged"));
        await RecordAsync(other, Draw(400));
        Assert.That((await other.Monitor("m").CheckAsync())!.Rows, Is.EqualTo(400));
    }

    [Test]
    public async Task Check_DamagedPartOfAWindowThatContinues_IsLoggedOnceAndCountedAtItsEnd()
    {
        var (one, other) = (await WatchAsync(), await WatchAsync());
        await RecordAsync(other, Draw(90));
        await other.Monitor("m").FlushAsync();
        await one.Store.WriteAsync(connection => connection.Execute(
            "UPDATE monitoring_panes SET profiles = substr(profiles, 1, length(profiles) - 20) || zeroblob(20)"));
        Assert.That(await one.Monitor("m").CheckAsync(), Is.Null, "nothing can be read");
        var reports = new List<MonitoringReport>();
        foreach (var rows in new[] { 30, 40, 300, 250 })
        {
            await RecordAsync(one, Draw(rows));
            reports.Add((await one.Monitor("m").CheckAsync())!);
        }

        Assert.That(
            reports.Select(report => (report.Rows, report.Window!.UnreadableRows, report.Window.IsComplete)),
            Is.EqualTo(new[] { (30L, 90L, false), (70, 90, false), (370, 90, true), (250, 0, true) }));
        Assert.That(_logged, Has.Exactly(1).Contains("90 predictions of m version 0 is damaged"));
    }

    [Test]
    public async Task Check_OtherWindowsAreDeclared_JudgesThoseOfBefore()
    {
        var before = await WatchAsync(MonitoringWindows.Calendar(CalendarPeriod.Month));
        await RecordAsync(before, Draw(260));
        await before.Monitor("m").FlushAsync();
        var after = await WatchAsync(MonitoringWindows.OfRows(500));
        await RecordAsync(after, Draw(400));

        var report = (await after.Monitor("m").CheckAllAsync()).Single();

        Assert.That((report.Rows, report.Window!.Kind), Is.EqualTo((260, WindowKind.Calendar)));
        await RecordAsync(before, Draw(100));
        await before.Monitor("m").FlushAsync();
        await RecordAsync(before, Draw(100));
        await before.Monitor("m").FlushAsync();
        var reports = await after.Monitor("m").CheckAllAsync();
        Assert.That(
            reports.Select(each => (each.Rows, each.Window!.Kind)),
            Is.EquivalentTo(new[] { (100L, WindowKind.Calendar), (500L, WindowKind.Count) }),
            "the other process follows once it has stored");
    }

    [Test]
    public async Task Store_PartsThatNobodyJudges_AreForgottenAfter62Days()
    {
        var process = await WatchAsync(MonitoringWindows.Calendar(CalendarPeriod.Month));
        await RecordAsync(process, Draw(100));
        await process.Monitor("m").FlushAsync();
        _time.Advance(TimeSpan.FromDays(63));
        await RecordAsync(process, Draw(40));
        await process.Monitor("m").FlushAsync();

        Assert.That((await process.Monitor("m").WindowsAsync()).Select(window => window.Rows), Is.EqualTo(new[] { 40 }));
    }

    [Test]
    public async Task Check_ManyPartsOfAWindowThatIsOpen_AreMergedAndNothingIsLost()
    {
        // A process adds no more to a part that is sealed, as if it had been started again.
        var last = await WatchAsync(MonitoringWindows.Calendar(CalendarPeriod.Month));
        for (var restart = 0; restart < 17; restart++)
        {
            await RecordAsync(last, Draw(20));
            await last.Monitor("m").FlushAsync();
            await last.Store.WriteAsync(connection => connection.Execute("UPDATE monitoring_panes SET sealed = 1"));
        }

        await RecordAsync(last, Draw(20));
        Assert.That(await last.Monitor("m").CheckAllAsync(), Is.Empty);
        var merged = await last.MonitoringServices.Panes.OpenAsync("m", default);
        await RecordAsync(last, Draw(20));
        await last.Monitor("m").FlushAsync();

        Assert.That(merged.Select(pane => pane.Rows), Is.EqualTo(new[] { 360 }));
        Assert.That((await last.Monitor("m").WindowsAsync()).Single().Rows, Is.EqualTo(380));
        _time.Advance(TimeSpan.FromDays(32));
        Assert.That((await last.Monitor("m").CheckAllAsync()).Single().Rows, Is.EqualTo(380));
    }

    [TestCase("tim", "Did you mean 'time'?")]
    [TestCase("bought_at", "Observe(\"bought_at\")")]
    [TestCase("a", "not a point in time")]
    public void Run_EventTimeInAColumnWithoutTimes_FailsWithTheRemedy(string column, string says) => Assert.That(
        async () => await WatchAsync(MonitoringWindows.ByEventTime(column, CalendarPeriod.Day, TimeSpan.Zero)),
        Throws.TypeOf<MlOpsException>().With.Message.Contains(says));

    // A caller can name as many windows as it sends rows, each with profiles of its own.
    [Test]
    public async Task Record_EventTimesOfManyWindows_AreStoredAtOnceAndJudgedOverSeveralChecks()
    {
        _time.AdjustTime(At("2026-05-10T00:00:00Z"));
        var process = await WatchAsync(MonitoringWindows.ByEventTime("time", CalendarPeriod.Hour, TimeSpan.Zero));
        var first = At("2026-05-01T00:00:00Z");
        var rows = Draw(130).Select((row, i) => row with { Time = first.AddHours(i).UtcDateTime }).ToArray();

        await RecordAsync(process, rows);

        var stored = await process.MonitoringServices.Panes.OpenAsync("m", default);
        Assert.That(stored, Has.Count.InRange(130 - 33, 129), "few are in memory at a time");
        var reports = await process.Monitor("m").CheckAllAsync();
        var rest = await process.Monitor("m").CheckAllAsync();
        Assert.That((reports.Count, rest.Count), Is.EqualTo((100, 29)), "the last one is open");
        Assert.That(reports.Concat(rest).Select(report => report.Window!.From), Is.EqualTo(
            Enumerable.Range(0, 129).Select(i => first.AddHours(i))));
        Assert.That(reports.Concat(rest).Select(report => (report.Rows, report.Window!.LateRows)), Is.All.EqualTo((1L, 0L)));
        Assert.That(_logged, Has.Exactly(1).StartsWith("29 more windows of m are due"));
    }

    [Test]
    public async Task Record_ProcessThatBegins_KnowsWhatIsLate()
    {
        _time.AdjustTime(At("2026-05-10T00:00:00Z"));
        var windows = MonitoringWindows.ByEventTime("time", CalendarPeriod.Hour, TimeSpan.FromMinutes(30));
        var before = await WatchAsync(windows);
        await RecordAsync(before, Draw(220, from: "2026-05-04T12:00:00Z"));
        await before.Monitor("m").FlushAsync();

        var begun = await WatchAsync(windows);
        await RecordAsync(begun, Draw(5, from: "2026-05-01T00:00:00Z"));
        await RecordAsync(begun, Draw(1, from: "2026-05-04T14:00:00Z"));
        var report = (await begun.Monitor("m").CheckAllAsync()).Single();

        Assert.That((report.Rows, report.Window!.LateRows), Is.EqualTo((220, 5)));
    }

    private async Task<Workspace> WatchAsync(MonitoringWindows? windows = null, Action<MonitoringBuilder>? configure = null)
    {
        var workspace = await Workspace.OpenAsync(_folder.Path, options =>
        {
            options.Time = _time;
            options.LoggerFactory = new LogWatcher(_ => { }, line => _logged.Enqueue(line));
        });
        _processes.Add(workspace);
        await LifecycleBuilder.Create("m")
            .DefineProblem(problem => problem.BinaryClassification("y", "Yes").Protect("group"))
            .CollectData(data => data.FromObjects(Draw(3_000, seed: 1)))
            .MonitorModel(monitoring =>
            {
                monitoring.TrainedElsewhere(score: "score").DataDrift().Bias("group");
                if (windows is not null) monitoring.Window(windows);
                configure?.Invoke(monitoring);
            })
            .Build()
            .RunAsync(workspace);
        return workspace;
    }

    private static async Task RecordAsync(Workspace workspace, Row[] rows) =>
        await workspace.Monitor("m").RecordAsync(await DataSources.Objects(rows).ReadAllAsync());

    private Row[] Draw(int rows, double shift = 0, string? from = "2026-01-01T00:00:00Z", int? seed = null)
    {
        var random = new Random(seed ?? 100 + _drawn++);
        DateTime? time = from is null ? null : At(from).UtcDateTime;
        return
        [
            .. Enumerable.Range(0, rows).Select(i => new Row(
                random.NextDouble() + random.NextDouble() + shift,
                i % 2 == 0 ? "f" : "m",
                time,
                random.NextDouble(),
                i % 3 == 0 ? "Yes" : "No")),
        ];
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Row(double A, string Group, DateTime? Time, double Score, string Y);

    private sealed class Sink(List<Alert> alerts) : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            alerts.Add(alert);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Waiting(TaskCompletionSource began, TaskCompletionSource goOn) : IDriftMonitor
    {
        public string Name => "waiting";

        public MonitorNeeds Needs => MonitorNeeds.None;

        public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default)
        {
            began.TrySetResult();
            await goOn.Task;
            return [];
        }
    }
}
