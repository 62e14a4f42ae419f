using Dapper;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class WorkspaceTests
{
    [Test]
    public async Task CollectGarbage_AfterARun_KeepsEverythingThatIsReferredTo()
    {
        using var folder = new TempFolder();
        var clock = new ManualTimeProvider();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var orphan = await workspace.Artifacts.PutAsync("nobody refers to this"u8.ToArray());
        clock.Advance(TimeSpan.FromHours(2));

        var dry = await workspace.CollectGarbageAsync(dryRun: true);
        var wet = await workspace.CollectGarbageAsync(dryRun: false);
        var again = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(dry.Artifacts.Select(artifact => artifact.Id), Is.EqualTo(new[] { orphan.Id }));
            Assert.That(wet.Artifacts.Select(artifact => artifact.Id), Is.EqualTo(new[] { orphan.Id }));
            Assert.That(await workspace.Artifacts.ExistsAsync(orphan.Id), Is.False);
            Assert.That(again.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
        });
    }

    [Test]
    public async Task Open_PathThatIsAFile_SaysWhatToDo()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["file"], "");

        Assert.That(async () => await Workspace.OpenAsync(folder["file"]), Throws.TypeOf<MlOpsException>().With.Message.Contains("file"));
    }

    [Test]
    public void Open_OptionsOutOfRange_NamesThemAll()
    {
        using var folder = new TempFolder();

        Assert.That(
            async () => await Workspace.OpenAsync(folder.Path, options => (options.TrainingThreads, options.Actor) = (0, "")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("TrainingThreads").And.Message.Contains("Actor"));
    }

    [Test]
    public async Task Run_ArtifactDamaged_IsNoticedAndNamed()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var package = run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment).Outputs["package"];
        var file = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Single(path => path.Replace(Path.DirectorySeparatorChar.ToString(), "", StringComparison.Ordinal).EndsWith(package.Hex, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await using var later = await Workspace.OpenAsync(folder.Path);

        Assert.That(async () => await later.ServeAsync(SampleLifecycle.Name), Throws.TypeOf<MlOpsException>().With.Message.Contains(package.Hex[..8]));
    }

    [Test]
    public async Task Dispose_PredictionsThatCannotBeStored_SaysSoAndClosesTheDatabase()
    {
        using var folder = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        await workspace.Store.WriteAsync(connection => { connection.Execute("ALTER TABLE predictions RENAME TO elsewhere"); });
        workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 40, "monthly", true));

        Assert.That(async () => await workspace.DisposeAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("predictions"));
        Assert.That(File.Exists(folder["mlops.db-wal"]), Is.False, "the last connection that closes removes the log");
    }
}
