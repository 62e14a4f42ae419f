using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Artifacts that somebody needs are not deleted, and what is lost all the same is made again.</summary>
[TestFixture]
public sealed class LostArtifactTests
{
    [Test]
    public async Task Run_GarbageIsCollectedAtEveryStepWhileTheClockRunsAhead_KeepsWhatItPut([Values] bool byAdvancing)
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await OpenAsync();
        await using var beside = await OpenAsync();
        var collected = new List<ArtifactInfo>();
        var steps = 0;
        var progress = new Steps(() =>
        {
            // Timers, and so heartbeats, do not run while a machine sleeps.
            if (byAdvancing) clock.Advance(TimeSpan.FromMinutes(61));
            else clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromMinutes(61));
            collected.AddRange(beside.CollectGarbageAsync(dryRun: false).GetAwaiter().GetResult().Artifacts);
            steps++;
        });

        var run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace, progress);

        await using var restarted = await OpenAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(steps, Is.GreaterThan(20));
            Assert.That(collected, Is.Empty);
            Assert.That(run.Deployment!.IsDeployed, Is.True);
            Assert.That(await restarted.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
            foreach (var id in run.Record.Stages.SelectMany(stage => stage.Outputs.Values))
            {
                Assert.That(await restarted.Artifacts.FindLossAsync(id), Is.Null);
            }
        });

        Task<Workspace> OpenAsync() => Workspace.OpenAsync(folder.Path, options => options.Time = clock);
    }

    [Test]
    public async Task Release_WhileARunIsAtWorkAndTheClockRunsAhead_ReleasesNothing()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        foreach (var seed in new[] { 1, 2 }) await SampleLifecycle.Begin(Subscriber.Draw(500, seed)).Build().RunAsync(workspace);
        var released = new List<string>();
        var progress = new Steps(() =>
        {
            clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromDays(1));
            var retention = new SnapshotRetention { KeepRuns = 1, KeepFor = TimeSpan.Zero };
            released.AddRange(workspace.ReleaseSnapshotsAsync(retention, dryRun: false).GetAwaiter().GetResult().Runs);
            workspace.CollectGarbageAsync(dryRun: false).GetAwaiter().GetResult();
        });

        var again = await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 1)).Build().RunAsync(workspace, progress);

        Assert.That(released, Is.Empty);
        Assert.That(again.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
    }

    [Test]
    public async Task Run_EverySavedArtifactIsLost_MakesAllAgain([Values] bool isMissing)
    {
        using var folder = new TempFolder();
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await lifecycle.RunAsync(workspace);
        await foreach (var artifact in workspace.Artifacts.ListAsync())
        {
            if (isMissing) workspace.Files.Delete(artifact.Id);
            else Damage(workspace, artifact.Id);
        }

        var again = await lifecycle.RunAsync(workspace);

        await using var restarted = await Workspace.OpenAsync(folder.Path);
        Assert.Multiple(async () =>
        {
            Assert.That(again.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Succeeded));
            Assert.That(again.Deployment!.ContentHash, Is.EqualTo(first.Deployment!.ContentHash));
            Assert.That(again.Deployment!.Version, Is.EqualTo(1));
            Assert.That(await restarted.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
            foreach (var id in again.Record.Stages.SelectMany(stage => stage.Outputs.Values))
            {
                Assert.That(await restarted.Artifacts.FindLossAsync(id), Is.Null);
            }
        });
    }

    [Test]
    public async Task Run_KeysOfAHoldoutAreLostAndTheRowsAreOthers_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 1)).Deployed().Build().RunAsync(workspace);
        var keys = first.Record.Stages.SelectMany(stage => stage.Outputs).Single(output => output.Key == "holdout keys").Value;
        workspace.Files.Delete(keys);

        Assert.That(
            async () => await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 2)).Deployed().Build().RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(keys.ToString()).And.Message.Contains("judged on is lost"));
        await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 1)).Deployed().Build().RunAsync(workspace);
        Assert.That(await workspace.Artifacts.FindLossAsync(keys), Is.Null);
        await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 2)).Deployed().Build().RunAsync(workspace);
    }

    [Test]
    public async Task Run_OneSnapshotIsDamaged_MakesThatStageAgain()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Build();
        var first = await lifecycle.RunAsync(workspace);
        var rows = first.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs["rows"];
        Damage(workspace, rows);

        var again = await lifecycle.RunAsync(workspace);

        Assert.That(
            again.Record.Stages.Where(stage => stage.State == StageState.Succeeded).Select(stage => stage.Stage),
            Is.EqualTo(new[] { LifecycleStage.Collection }));
        Assert.That(again.Explain(), Does.Contain("its saved result is gone or damaged"));
        Assert.That(await workspace.Artifacts.FindLossAsync(rows), Is.Null);
    }

    [Test]
    public async Task Delete_WhatIsNeeded_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var package = (await workspace.Models.GetAsync(SampleLifecycle.Name, 1)).PackageId;
        var orphan = await workspace.Artifacts.PutAsync("nobody refers to this"u8.ToArray());

        Assert.That(
            async () => await workspace.Artifacts.DeleteAsync(package),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("model-version 'subscribers/1'").And.Message.Contains("CollectGarbage"));
        foreach (var id in run.Record.Stages.SelectMany(stage => stage.Outputs.Values))
        {
            Assert.That(async () => await workspace.Artifacts.DeleteAsync(id), Throws.TypeOf<MlOpsException>());
            Assert.That(await workspace.Artifacts.ExistsAsync(id), Is.True);
        }

        Assert.That(await workspace.Artifacts.DeleteAsync(orphan.Id), Is.True);
        Assert.That(await workspace.Artifacts.ExistsAsync(orphan.Id), Is.False);
    }

    [Test]
    public async Task Serve_PackageIsLost_SaysWhatToDo()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        workspace.Files.Delete((await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.PackageId);

        await using var restarted = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            async () => await restarted.ServeAsync(SampleLifecycle.Name),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("Version 1 of 'subscribers'").And.Message.Contains("ReplaceIncomparable"));
    }

    internal static void Damage(Workspace workspace, ArtifactId id)
    {
        var file = Path.Combine(workspace.Path, "artifacts", id.Hex[..2], id.Hex[2..]);
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private sealed class Steps(Action step) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => step();
    }
}
