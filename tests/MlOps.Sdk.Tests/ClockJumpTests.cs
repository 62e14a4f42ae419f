using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Clocks are set back and run ahead: what was first stays first, and nothing waits for a time to come again.</summary>
[TestFixture]
public sealed class ClockJumpTests
{
    private TempFolder _folder = null!;
    private FakeTimeProvider _clock = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _folder = new TempFolder();
        _clock = new FakeTimeProvider(new DateTimeOffset(2030, 6, 10, 12, 0, 0, TimeSpan.Zero));
        _workspace = await Workspace.OpenAsync(_folder["workspace"], options => options.Time = _clock);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Run_OnlyNewAfterTheClockIsSetBack_ReadsEveryRowOnce()
    {
        var path = _folder["growing.csv"];
        await File.WriteAllTextAsync(path, "id\n");
        var lifecycle = LifecycleBuilder.Create("growing").CollectData(data => data.FromCsv(path, read: read => read.OnlyNew())).Build();
        var read = new List<long>();
        var ids = new List<string>();
        foreach (var jump in new[] { 0, -9, 1, -400, 30 })
        {
            Jump(TimeSpan.FromDays(jump));
            await File.AppendAllLinesAsync(path, Enumerable.Range(read.Count * 100, 100).Select(id => $"{id}"));
            var run = await lifecycle.RunAsync(_workspace);
            read.Add(run.Collection!.Rows);
            ids.Add(run.Id);
        }

        Assert.Multiple(async () =>
        {
            Assert.That(read, Is.All.EqualTo(100));
            Assert.That((await lifecycle.RunAsync(_workspace)).State, Is.EqualTo(RunState.NothingNew));
            Assert.That((await _workspace.Runs.ListAsync()).Skip(1).Select(run => run.Id), Is.EqualTo(ids.AsEnumerable().Reverse()));
            Assert.That((await _workspace.Runs.LatestAsync("growing"))!.State, Is.EqualTo(RunState.NothingNew));
        });
    }

    [Test]
    public async Task Release_RunThatEndedLastBeganEarlier_KeepsTheRowsThatTheNextOneReadsOnBehind()
    {
        var path = _folder["growing.csv"];
        await File.WriteAllTextAsync(path, "id\n1\n");
        var lifecycle = LifecycleBuilder.Create("growing").CollectData(data => data
            .FromCsv(path, read: read => read.OnlyNew()).KeepEarlierRows()).Build();
        var first = await lifecycle.RunAsync(_workspace);
        Jump(TimeSpan.FromDays(-300));
        await File.AppendAllTextAsync(path, "2\n");
        var second = await lifecycle.RunAsync(_workspace);
        Jump(TimeSpan.FromDays(600));

        var released = await _workspace.ReleaseSnapshotsAsync(
            new SnapshotRetention { KeepRuns = 1, KeepFor = TimeSpan.Zero }, dryRun: false);
        await _workspace.CollectGarbageAsync(dryRun: false);
        await File.AppendAllTextAsync(path, "3\n");
        var third = await lifecycle.RunAsync(_workspace);

        Assert.That(released.Runs, Is.EqualTo(new[] { first.Id }));
        Assert.That((second.Collection!.Rows, third.Collection!.Rows), Is.EqualTo((2, 3)));
    }

    [Test]
    public async Task Check_AfterTheClockIsSetBack_AlertsAndAsksAgain()
    {
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(_workspace);
        var reports = new List<MonitoringReport> { await DriftAsync() };
        Jump(-TimeSpan.FromDays(4 * 365));
        for (var month = 0; month < 2; month++)
        {
            reports.Add(await DriftAsync());
            Jump(TimeSpan.FromDays(30));
        }

        reports.Add(await DriftAsync());
        reports.Add(await DriftAsync());

        Assert.Multiple(async () =>
        {
            Assert.That(reports.Select(report => report.HasChanged), Is.All.True);
            Assert.That(reports.Select(report => report.Alert is not null), Is.EqualTo(new[] { true, true, true, true, false }));
            Assert.That(reports.Select(report => report.AskedForRetraining), Is.EqualTo(new[] { true, true, true, true, false }));
            Assert.That(
                (await _workspace.MonitoringServices.Reports.AlertsAsync(SampleLifecycle.Name)).Select(alert => alert.Id),
                Is.EqualTo(reports.SkipLast(1).Reverse().Select(report => report.Alert!.Id)));
        });
    }

    [TestCase(0, 10)]
    [TestCase(3_200_000, 0)]
    public async Task Run_ClockStandsAtTheEndOfTime_WorksAsEver(int ticksBefore, int hoursBefore)
    {
        _clock.AdjustTime(DateTimeOffset.MaxValue - TimeSpan.FromHours(hoursBefore) - TimeSpan.FromTicks(ticksBefore));
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();

        var run = await lifecycle.RunAsync(_workspace);
        var report = await DriftAsync();
        await _workspace.ReleaseSnapshotsAsync(new SnapshotRetention(), dryRun: false);
        await _workspace.CollectGarbageAsync(dryRun: false);
        await using var other = await Workspace.OpenAsync(_workspace.Path, options => options.Time = _clock);

        Assert.Multiple(async () =>
        {
            Assert.That((await other.Runs.GetAsync(run.Id)).State, Is.EqualTo(RunState.Succeeded));
            Assert.That(report.AskedForRetraining, Is.True);
            Assert.That(await other.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
        });
    }

    private void Jump(TimeSpan by) => _clock.AdjustTime(_clock.GetUtcNow() + by);

    private async Task<MonitoringReport> DriftAsync()
    {
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(300, seed: 9, shifted: true));
        return (await _workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;
    }
}
