using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Every call is counted in one report, also when it gives no prediction.</summary>
[TestFixture]
public sealed class CountedCallsTests
{
    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 30, TimeSpan.Zero));
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_CallsFailBeforeTheFirstPrediction_AreCountedInItsWindow()
    {
        await RunAsync(MonitoringWindows.SinceLastCheck);
        Answer(400);
        var before = await CheckAsync();
        Refuse(500);
        _time.Advance(TimeSpan.FromSeconds(72));
        Answer(400);

        var after = await CheckAsync();

        Assert.That(before.Single(), Is.EqualTo("0 failed and 0 refused of 400 calls"));
        Assert.That(after.Single(), Is.EqualTo("0 failed and 500 refused of 900 calls"));
    }

    [Test]
    public async Task Check_SeveralInAMinute_CountEachCallOnce()
    {
        await RunAsync(MonitoringWindows.SinceLastCheck);
        var notes = new List<string>();
        foreach (var calls in new[] { 300, 250, 210 })
        {
            Answer(calls);
            _time.Advance(TimeSpan.FromSeconds(1));
            notes.AddRange(await CheckAsync());
        }

        Assert.That(notes, Is.EqualTo(new[] { 300, 250, 210 }.Select(calls => $"0 failed and 0 refused of {calls} calls")));
    }

    [Test]
    public async Task Check_AnotherProcessStoresLater_CountsItsCallsInTheNextWindow()
    {
        await RunAsync(MonitoringWindows.SinceLastCheck);
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
        await other.ServeAsync(SampleLifecycle.Name);
        Answer(300);
        Answer(40, other);
        await other.Calls.StoreAsync(CancellationToken.None);
        Answer(60, other);
        var before = await CheckAsync();
        await other.Calls.StoreAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(3));
        Answer(300);

        var after = await CheckAsync();

        Assert.That(before.Single(), Is.EqualTo("0 failed and 0 refused of 340 calls"));
        Assert.That(after.Single(), Is.EqualTo("0 failed and 0 refused of 360 calls"));
    }

    [Test]
    public async Task Check_WindowByCountIsOpenAndEveryCallFails_IsTold()
    {
        await RunAsync(MonitoringWindows.OfRows(300));
        Answer(400);
        await CheckAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        await CheckAsync();
        Refuse(500);
        _time.Advance(TimeSpan.FromMinutes(2));

        var notes = await CheckAsync();

        Assert.That(notes.Single(), Is.EqualTo("0 failed and 500 refused of 500 calls"));
    }

    [TestCase("since the last check", true)]
    [TestCase("count", true)]
    [TestCase("calendar", true)]
    [TestCase("since the last check", false)]
    public async Task Check_EveryCallOfAVersionFailsBesideAnother_JudgesBoth(string kind, bool isLive)
    {
        var windows = kind switch
        {
            "count" => MonitoringWindows.OfRows(300),
            "calendar" => MonitoringWindows.Calendar(CalendarPeriod.Hour),
            _ => MonitoringWindows.SinceLastCheck,
        };
        await DivideAsync(canary: 0.5, windows);
        var (failing, other) = isLive ? (2, 1) : (1, 2);
        await GiveToAsync(failing);
        Refuse(260);
        await GiveToAsync(other);
        Answer(300);
        _time.Advance(TimeSpan.FromMinutes(65));

        var reports = await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync();

        Assert.That(reports.Select(report => report.Version), Is.EqualTo(new[] { failing, other }));
        Assert.That((reports[0].Rows, ErrorsOf(reports[0]).CurrentRows), Is.EqualTo((0, 260)));
        Assert.That(reports[0].Alert?.Version, Is.EqualTo(failing));

        // Its alert is open as long as it is called, or is the live version.
        await GiveToAsync(failing);
        Refuse(5);
        await GiveToAsync(other);
        Answer(300);
        _time.Advance(TimeSpan.FromMinutes(65));
        var next = (await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync()).Single();
        Assert.That((next.Version, next.Resolved), Is.EqualTo((other, Array.Empty<string>())));
        Answer(300);
        _time.Advance(TimeSpan.FromMinutes(65));
        var last = (await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync()).Single();
        Assert.That(last.Resolved, Is.EqualTo(isLive ? [] : new[] { reports[0].Alert!.Id }));
    }

    [Test]
    public async Task Check_FewOfTheCallsAreOfACanary_CountsThemFromItsOwnLastWindowOn()
    {
        await DivideAsync(canary: 0.2);
        var reports = new List<MonitoringReport>();
        for (var check = 0; check < 8; check++)
        {
            Answer(400);
            AnswerUntil(version: 2);
            _time.Advance(TimeSpan.FromMinutes(10));
            reports.AddRange(await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync());
        }

        var canary = reports.Where(report => report.Version == 1).ToArray();
        Assert.That(canary, Has.Length.InRange(1, 4), "most checks find too few of its rows");
        Assert.That(canary[0].Window!.From, Is.LessThan(canary[0].At.AddMinutes(-15)));
        Assert.That(
            reports.Select(report => ErrorsOf(report).CurrentRows),
            Is.EqualTo(reports.Select(report => report.Rows)),
            "each call gave a prediction");
    }

    [Test]
    public async Task Check_ClockOfAnotherProcessIsAhead_CountsTheCallsOfEachVersionOnce()
    {
        await DivideAsync(canary: 0.5);
        var ahead = new FakeTimeProvider(_time.GetUtcNow().AddSeconds(4));
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Time = ahead);
        await other.ServeAsync(SampleLifecycle.Name);
        var reports = new List<MonitoringReport>();
        for (var check = 0; check < 4; check++)
        {
            Answer(700);
            AnswerUntil(version: 2);
            Answer(check, other);
            await other.Monitor(SampleLifecycle.Name).FlushAsync();
            await other.Calls.StoreAsync(CancellationToken.None);
            _time.Advance(check < 3 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(3));
            ahead.Advance(TimeSpan.FromSeconds(1));
            reports.AddRange(await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync());
        }

        Assert.That(reports, Has.Count.EqualTo(8));
        foreach (var version in reports.GroupBy(report => report.Version))
        {
            Assert.That(version.Sum(report => ErrorsOf(report).CurrentRows), Is.EqualTo(version.Sum(report => report.Rows)));
        }
    }

    [Test]
    public async Task Check_NothingCameInAnOpenWindow_ItStillBeginsWhereTheLastOneEnded()
    {
        await RunAsync(MonitoringWindows.SinceLastCheck);
        Answer(300);
        _time.Advance(TimeSpan.FromMinutes(10));
        await CheckAsync();
        Answer(40);
        _time.Advance(TimeSpan.FromMinutes(10));
        var few = await CheckOneAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        var idle = await CheckOneAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        Answer(200);
        _time.Advance(TimeSpan.FromMinutes(10));
        var enough = await CheckOneAsync();

        Assert.That((few.Window!.IsComplete, idle.Window, idle.Rows), Is.EqualTo((false, (PredictionWindow?)null, 0)));
        Assert.That((enough.Window!.From, enough.Window.IsComplete), Is.EqualTo((few.Window.From, true)));
        Assert.That((enough.Rows, ErrorsOf(enough).CurrentRows), Is.EqualTo((240, 240)));
    }

    [Test]
    public async Task Check_NothingCameAfterACompleteWindow_TheNextBeginsAtThatCheck()
    {
        await RunAsync(MonitoringWindows.SinceLastCheck);
        Answer(300);
        _time.Advance(TimeSpan.FromMinutes(10));
        await CheckAsync();
        Refuse(250);
        _time.Advance(TimeSpan.FromMinutes(10));
        var idle = await CheckOneAsync();
        Answer(220);
        _time.Advance(TimeSpan.FromMinutes(10));
        var next = await CheckOneAsync();

        Assert.That((idle.Rows, ErrorsOf(idle).CurrentRows), Is.EqualTo((0, 250)));
        Assert.That((next.Window!.From, ErrorsOf(next).CurrentRows), Is.EqualTo((idle.At, 220)), "what was told is not told again");
    }

    [TestCase(0)]
    [TestCase(90)]
    public async Task Check_WindowsByCountThatEndInAMinute_CountItsCallsOnce(int secondsLater)
    {
        await RunAsync(MonitoringWindows.OfRows(300));
        await AnswerAsync(310);
        _time.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(320);
        _time.Advance(TimeSpan.FromSeconds(secondsLater));
        var reports = new List<MonitoringReport>(await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync());
        Refuse(30);
        await AnswerAsync(100);
        _time.Advance(TimeSpan.FromMinutes(1));
        await AnswerAsync(170);
        _time.Advance(TimeSpan.FromMinutes(2));
        reports.AddRange(await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync());

        Assert.That(reports.Select(report => report.Rows), Is.EqualTo(new[] { 300, 300, 300 }));
        Assert.That(reports.Select(report => ErrorsOf(report).CurrentRows), Is.EqualTo(new[] { 630, 0, 300 }));
        Assert.That(reports[0].Window!.To, Is.EqualTo(reports[1].Window!.From));
        Assert.That(reports[1].Window!.To, Is.EqualTo(reports[2].Window!.From));
    }

    [Test]
    public async Task Check_WindowsByCountOfTwoProcesses_CountEachCallOnce()
    {
        await RunAsync(MonitoringWindows.OfRows(300));
        var late = new FakeTimeProvider(_time.GetUtcNow());
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Time = late);
        await other.ServeAsync(SampleLifecycle.Name);
        Answer(300, other);
        _time.Advance(TimeSpan.FromSeconds(50));
        await AnswerAsync(300);
        _time.Advance(TimeSpan.FromSeconds(1));
        var before = await CheckOneAsync();

        // What the other process stores now was predicted before.
        late.AdjustTime(_time.GetUtcNow().AddSeconds(2));
        await other.Calls.StoreAsync(CancellationToken.None);
        await other.Monitor(SampleLifecycle.Name).FlushAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        var meanwhile = await CheckOneAsync();
        await AnswerAsync(300);
        _time.Advance(TimeSpan.FromMinutes(2));
        var after = await CheckOneAsync();

        Assert.That((before.Rows, meanwhile.Rows, after.Rows), Is.EqualTo((300, 300, 300)));
        Assert.That(
            (ErrorsOf(before).CurrentRows, ErrorsOf(meanwhile).CurrentRows, ErrorsOf(after).CurrentRows), Is.EqualTo((300, 0, 600)));
        Assert.That((meanwhile.Window!.From, after.Window!.From), Is.EqualTo((before.Window!.To, before.Window.To)));
    }

    private async Task DivideAsync(double canary, MonitoringWindows? windows = null)
    {
        windows ??= MonitoringWindows.SinceLastCheck;
        var first = await RunAsync(windows);

        // Without the keys of the rows that the first learned from, the two cannot be compared, and the second replaces it.
        _workspace.Files.Delete(first.Record.Stages.SelectMany(stage => stage.Outputs).Single(output => output.Key == "train keys").Value);
        await RunAsync(windows, Subscriber.Draw(700, 9), deployment => deployment.ReplaceIncomparable());
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, canary)], "compare");
    }

    private Task GiveToAsync(int version) => _workspace.Traffic.DivideAsync(
        SampleLifecycle.Name, [new("canary", 1, version == 1 ? 1 : 0)], "all to one version");

    private Task<LifecycleRun> RunAsync(
        MonitoringWindows windows, Subscriber[]? rows = null, Action<DeploymentBuilder>? configure = null) => SampleLifecycle.Begin(rows)
        .Deployed(deployment =>
        {
            deployment.ToProcess().CheckInputs(inputs => inputs.Unseen(InputHandling.Reject));
            configure?.Invoke(deployment);
        })
        .Monitored(monitoring => monitoring.DataDrift().Errors(0.01).Window(windows))
        .Build()
        .RunAsync(_workspace);

    private void Answer(int calls, Workspace? workspace = null) =>
        SampleLifecycle.Serve(workspace ?? _workspace, Subscriber.Draw(calls, seed: 7));

    // The version that predicts last is judged in any case.
    private void AnswerUntil(int version)
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        do
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
        while (endpoint.Predict(new(30, 20, "monthly", true)).Version != version);
    }

    // The calls count in the minute in which they are stored.
    private async Task AnswerAsync(int calls)
    {
        Answer(calls);
        await _workspace.Calls.StoreAsync(CancellationToken.None);
    }

    private void Refuse(int calls)
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < calls; i++)
        {
            Assert.That(() => endpoint.Predict(new(30, 20, "weekly", true)), Throws.InstanceOf<MlOpsException>());
        }
    }

    private async Task<MonitoringReport> CheckOneAsync() => (await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync()).Single();

    private static Measurement ErrorsOf(MonitoringReport report) =>
        report.Findings.Single(finding => finding.Measurement.Signal == Signal.Errors).Measurement;

    private async Task<IReadOnlyList<string>> CheckAsync()
    {
        var reports = await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync();
        return [.. reports.Select(ErrorsOf).Select(errors => errors.Note ?? errors.NotMeasured ?? "")];
    }
}
