using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class ArtifactCollectorTests : StoreFixture
{
    private WorkspaceArtifacts _artifacts = null!;
    private ArtifactCollector _collector = null!;

    [SetUp]
    public void Open()
    {
        _artifacts = new WorkspaceArtifacts(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));
        _collector = new ArtifactCollector(Store, _artifacts, NullLogger.Instance);
    }

    [Test]
    public async Task CollectGarbageAsync_DryRun_ListsAndKeeps()
    {
        var garbage = await _artifacts.PutAsync("garbage"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        var report = await _collector.CollectGarbageAsync(dryRun: true);
        Assert.That(report.Artifacts, Is.EqualTo(new[] { garbage }));
        Assert.That(report.TotalSize, Is.EqualTo(7));
        Assert.That(await _artifacts.FindAsync(garbage.Id), Is.Not.Null);
    }

    [Test]
    public async Task CollectGarbageAsync_ReferencedAndYoung_AreKept()
    {
        var garbage = await _artifacts.PutAsync("garbage"u8.ToArray());
        var kept = await _artifacts.PutAsync("kept"u8.ToArray());
        await new ArtifactReferences(Store).KeepAsync("test", "1", [kept.Id]);
        Clock.Advance(TimeSpan.FromHours(2));
        var young = await _artifacts.PutAsync("young"u8.ToArray());
        var report = await _collector.CollectGarbageAsync(dryRun: false);
        Assert.That(report.Artifacts.Select(a => a.Id), Is.EqualTo(new[] { garbage.Id }));
        Assert.That(await _artifacts.FindAsync(garbage.Id), Is.Null);
        Assert.That(await _artifacts.FindAsync(kept.Id), Is.Not.Null);
        Assert.That(await _artifacts.FindAsync(young.Id), Is.Not.Null);
    }

    [Test]
    public async Task CollectGarbageAsync_PutAgain_StartsANewGracePeriod()
    {
        var artifact = await _artifacts.PutAsync("again"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        await _artifacts.PutAsync("again"u8.ToArray());
        Assert.That((await _collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.Empty);
        Assert.That(await _artifacts.FindAsync(artifact.Id), Is.Not.Null);
    }

    [Test]
    public async Task CollectGarbageAsync_LastOfTwoOwnersReleases_Collects()
    {
        var shared = await _artifacts.PutAsync("shared"u8.ToArray());
        var references = new ArtifactReferences(Store);
        await references.KeepAsync("run", "1", [shared.Id]);
        await references.KeepAsync("model", "1", [shared.Id]);
        Clock.Advance(TimeSpan.FromHours(2));
        await references.ReleaseAsync("run", "1");
        Assert.That((await _collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.Empty);
        await references.ReleaseAsync("model", "1");
        Assert.That((await _collector.CollectGarbageAsync(dryRun: false)).Artifacts, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task CollectGarbageAsync_PutByARun_IsKeptAsLongAsTheRunMayBeAtWork()
    {
        await using var tracker = await RunTracker.StartAsync(
            Store, NullLogger.Instance, new RunStart("churn", [LifecycleStage.Training], 1));
        var collector = new ArtifactCollector(
            Store, _artifacts, NullLogger.Instance, run => RunOwner.MayWork(run, Clock.GetUtcNow()));
        var put = await new RunArtifacts(Store, _artifacts, tracker.RunId).PutAsync("model"u8.ToArray());
        Clock.AdjustTime(Clock.GetUtcNow() + TimeSpan.FromDays(30));
        Assert.That((await collector.CollectGarbageAsync(dryRun: true)).Artifacts, Is.Empty);
        Assert.That((await collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.Empty);
        await tracker.CompleteAsync(RunState.Failed);
        Assert.That((await collector.CollectGarbageAsync(dryRun: true)).Artifacts, Is.EqualTo(new[] { put }));
        Assert.That((await collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.EqualTo(new[] { put }));
    }

    [Test]
    public async Task CollectGarbageAsync_PutByAKilledProcess_IsCollected()
    {
        var run = new RunRow
        {
            Id = "killed", Lifecycle = "churn", State = "Running", Cause = "manual", OwnerToken = "t",
            OwnerMachine = RunOwner.Current.Machine,
            OwnerProcess = Environment.ProcessId, OwnerStarted = RunOwner.Current.ProcessStart - 1, LeaseUntil = long.MaxValue
        };
        await Store.WriteAsync(connection => { RunTable.Insert(connection, run); });
        var collector = new ArtifactCollector(
            Store, _artifacts, NullLogger.Instance, row => RunOwner.MayWork(row, Clock.GetUtcNow()));
        var put = await new RunArtifacts(Store, _artifacts, "killed").PutAsync("model"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.That((await collector.CollectGarbageAsync(dryRun: true)).Artifacts, Is.EqualTo(new[] { put }));
        Assert.That(await _artifacts.FindAsync(put.Id), Is.Not.Null);
        Assert.That((await collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.EqualTo(new[] { put }));
    }
}
