using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Retention;

[TestFixture]
public sealed class SnapshotRetentionTests
{
    private static readonly SnapshotRetention Short = new() { KeepRuns = 1, KeepFor = TimeSpan.FromDays(1) };

    [Test]
    public async Task Release_RunsOfOtherRows_LeavesTheLatest()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        var runs = new List<LifecycleRun>();
        for (var i = 0; i < 4; i++)
        {
            runs.Add(await Collecting("a", 100 + i).RunAsync(workspace));
            clock.Advance(TimeSpan.FromDays(1));
        }

        var sizes = await workspace.Artifacts.ListAsync().ToDictionaryAsync(artifact => artifact.Id, artifact => artifact.Size);
        var dry = await workspace.ReleaseSnapshotsAsync(Short, dryRun: true);
        var garbage = await workspace.CollectGarbageAsync(dryRun: true);
        var wet = await workspace.ReleaseSnapshotsAsync(Short, dryRun: false);
        var removed = await workspace.CollectGarbageAsync(dryRun: false);
        var again = await workspace.ReleaseSnapshotsAsync(Short, dryRun: false);

        Assert.Multiple(async () =>
        {
            Assert.That(dry.Runs, Is.EqualTo(runs.Take(3).Select(run => run.Id)), "the fourth is a day old, and the latest");
            Assert.That(dry.Kept.Select(kept => kept.Run), Is.EqualTo(new[] { runs[3].Id }));
            Assert.That(dry.Kept[0].Reasons, Has.Some.Contains("latest runs that succeeded").And.Some.Contains("collects on"));
            Assert.That((dry.Kept[0].Size, dry.TotalSize), Is.EqualTo((SizeOf(runs[3]), runs.Take(3).Sum(SizeOf))));
            Assert.That((garbage.Artifacts.Count, again.Runs.Count), Is.EqualTo((0, 0)), "nothing was released before, and nothing twice");
            Assert.That(wet.Artifacts, Is.EqualTo(dry.Artifacts));
            Assert.That(wet.Artifacts.Select(artifact => artifact.Id), Is.EquivalentTo(runs.Take(3).Select(RowsOf)));
            Assert.That(removed.Artifacts.Select(artifact => artifact.Id), Is.EquivalentTo(wet.Artifacts.Select(artifact => artifact.Id)));
            Assert.That(
                async () => await workspace.CollectedRowsAsync(runs[0].Id),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("no longer stored"));
            Assert.That((await (await workspace.CollectedRowsAsync(runs[3].Id)).ReadAllAsync()).RowCount, Is.EqualTo(103));
            Assert.That((await workspace.Runs.GetAsync(runs[0].Id)).State, Is.EqualTo(RunState.Succeeded));
            Assert.That(
                await workspace.Audit.ReadAsync(subject: runs[0].Id).Select(entry => entry.Action).ToListAsync(),
                Is.EqualTo(new[] { "release snapshots" }));
        });
        Assert.That(
            (await Collecting("a", 100).RunAsync(workspace)).Record.Stages[0].State,
            Is.EqualTo(StageState.Succeeded),
            "what is gone is not reused");

        long SizeOf(LifecycleRun run) => sizes[RowsOf(run)];
    }

    [Test]
    public async Task Release_RowsThatALaterRunReused_StayAsLongAsThatRunKeepsThem()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        var first = await Collecting("a", 100).RunAsync(workspace);
        clock.Advance(TimeSpan.FromDays(2));
        var second = await Collecting("a", 100).RunAsync(workspace);

        var released = await workspace.ReleaseSnapshotsAsync(Short, dryRun: false);
        clock.Advance(TimeSpan.FromDays(1));
        await workspace.CollectGarbageAsync(dryRun: false);

        Assert.That((released.Runs.Single(), released.Artifacts.Count), Is.EqualTo((first.Id, 0)));
        Assert.That(await workspace.Artifacts.ExistsAsync(RowsOf(second)), Is.True);
        Assert.That((await Collecting("a", 100).RunAsync(workspace)).Record.Stages[0].State, Is.EqualTo(StageState.Reused));
    }

    [Test]
    public async Task Release_RunOfTheLiveVersion_KeepsItsSnapshots()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        LifecycleRun live;
        await using (var before = await Workspace.OpenAsync(folder.Path, options => options.Time = clock))
        {
            live = await SampleLifecycle.Begin().Deployed().Build().RunAsync(before);
        }

        // Closed meanwhile: what a workspace does every few seconds would be done for nine days.
        clock.Advance(TimeSpan.FromDays(9));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await Collecting(SampleLifecycle.Name, 100).RunAsync(workspace);

        var released = await workspace.ReleaseSnapshotsAsync(Short, dryRun: false);
        clock.Advance(TimeSpan.FromDays(1));
        await workspace.CollectGarbageAsync(dryRun: false);

        Assert.That(released.Runs, Is.Empty);
        Assert.That(
            released.Kept.Single(kept => kept.Run == live.Id).Reasons,
            Is.EqualTo(new[] { "A version that an alias points to came of it." }));
        Assert.That(
            await workspace.Artifacts.ExistsAsync(
                live.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[ProcessingStage.Train]),
            Is.True);
    }

    [Test]
    public async Task Release_ValuesOutOfRange_AreRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            async () => await workspace.ReleaseSnapshotsAsync(new SnapshotRetention { KeepRuns = 0 }, false),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("KeepRuns"));
        Assert.That(
            async () => await workspace.ReleaseSnapshotsAsync(new SnapshotRetention { KeepFor = TimeSpan.FromDays(-1) }, false),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("KeepFor"));
    }

    private static ArtifactId RowsOf(LifecycleRun run) =>
        run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs[CollectionStage.Rows];

    private static Lifecycle Collecting(string name, int rows) =>
        LifecycleBuilder.Create(name)
            .CollectData(data => data.FromObjects(Enumerable.Range(0, rows).Select(i => new { Number = i })))
            .Build();
}
