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

    [Test]
    public async Task CollectGarbageAsync_StoreIsSlow_KeepsNoWriterWaiting()
    {
        var slow = new SlowDeletes(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));
        var artifacts = new WorkspaceArtifacts(slow);
        var garbage = await artifacts.PutAsync("garbage"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        var collecting = new ArtifactCollector(Store, artifacts, NullLogger.Instance).CollectGarbageAsync(dryRun: false);
        await slow.Begun;

        await new ArtifactReferences(Store).KeepAsync("test", "1", [ArtifactId.Of("other"u8)]).WaitAsync(TimeSpan.FromSeconds(30));

        slow.GoOn();
        Assert.That((await collecting).Artifacts.Select(artifact => artifact.Id), Is.EqualTo(new[] { garbage.Id }));
    }

    [Test]
    public async Task CollectGarbageAsync_PutByARunMeanwhile_IsThereInTheEnd()
    {
        var slow = new SlowDeletes(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));
        var artifacts = new WorkspaceArtifacts(slow);
        var garbage = await artifacts.PutAsync("garbage"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        var collecting = new ArtifactCollector(Store, artifacts, NullLogger.Instance).CollectGarbageAsync(dryRun: false);
        await slow.Begun;

        var putting = new RunArtifacts(Store, artifacts, "run").PutAsync("garbage"u8.ToArray());
        Assert.That(putting.IsCompleted, Is.False);
        slow.GoOn();
        await collecting;
        await PassAsync(putting, TimeSpan.FromMilliseconds(100));

        Assert.That(await artifacts.FindAsync(garbage.Id), Is.Not.Null);
        Assert.That(await Store.ReadAsync(connection => ArtifactRefTable.IsReferenced(connection, garbage.Id)), Is.True);
    }

    // The clock goes on until the task has ended; the task waits by the clock only now and then.
    private async Task PassAsync(Task task, TimeSpan step)
    {
        for (var i = 0; !task.IsCompleted && i < 3_000; i++)
        {
            Clock.Advance(step);
            await Task.WhenAny(task, Task.Delay(10));
        }

        await task;
    }

    private sealed class SlowDeletes(IArtifactStore store) : IArtifactStore
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void GoOn() => _goOn.SetResult();

        public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
            store.PutAsync(content, cancellationToken);

        public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            store.PutAsync(content, cancellationToken);

        public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.OpenAsync(id, cancellationToken);

        public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.ReadAllAsync(id, cancellationToken);

        public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.FindAsync(id, cancellationToken);

        public async Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default)
        {
            _begun.TrySetResult();
            await _goOn.Task;
            return await store.DeleteAsync(id, cancellationToken);
        }

        public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
            store.ListAsync(cancellationToken);
    }
}
