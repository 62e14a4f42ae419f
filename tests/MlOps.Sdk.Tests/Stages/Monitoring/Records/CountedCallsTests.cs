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

    private Task RunAsync(MonitoringWindows windows) => SampleLifecycle.Begin()
        .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs.Unseen(InputHandling.Reject)))
        .Monitored(monitoring => monitoring.DataDrift().Errors(0.01).Window(windows))
        .Build()
        .RunAsync(_workspace);

    private void Answer(int calls, Workspace? workspace = null) =>
        SampleLifecycle.Serve(workspace ?? _workspace, Subscriber.Draw(calls, seed: 7));

    private void Refuse(int calls)
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < calls; i++)
        {
            Assert.That(() => endpoint.Predict(new(30, 20, "weekly", true)), Throws.InstanceOf<MlOpsException>());
        }
    }

    private async Task<IReadOnlyList<string>> CheckAsync()
    {
        var reports = await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync();
        return [.. reports.Select(report => report.Findings.Single(finding => finding.Measurement.Signal == Signal.Errors).Measurement)
            .Select(errors => errors.Note ?? errors.NotMeasured ?? "")];
    }
}
