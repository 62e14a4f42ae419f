using Dapper;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class WorkspaceTests
{
    [Test]
    public async Task CollectGarbage_AfterARun_KeepsEverythingThatIsReferredTo()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
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
    public async Task Readers_OfAModelWithinWhichIsAnother_ReadThatOneThroughTheOptions()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path,
            options => options.Readers.Add<IRowProcessor>(
                "acme.outer/1", bytes => options.Readers.Read<IRowProcessor>("mlops.derive/1", bytes)));

        Assert.That(
            () => workspace.Readers.Read<IRowProcessor>("acme.outer/1", "nothing"u8.ToArray()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("mlops.derive/1").And.Message.Contains("cannot be read"));
    }

    [Test]
    public async Task MalformedAndQuarantinedRows_OfARun_AreSources()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(
            folder["x.csv"],
            "x,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{(i % 2 == 0 ? "a" : "b")}\n")) + "1,a,z\n");
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var run = await LifecycleBuilder.Create("rows")
            .DefineProblem(problem => problem.BinaryClassification(label: "y", positive: "a"))
            .CollectData(data => data.FromCsv(folder["x.csv"]).Malformed(MalformedRows.Quarantine, tolerance: 0.1))
            .ProcessData(data => data.Expect(rows => rows.Column("x").Between(0, 56), OnFailure.Quarantine))
            .Build().RunAsync(workspace);
        var whole = await LifecycleBuilder.Create("whole")
            .CollectData(data => data.FromObjects([new { X = 1 }]))
            .Build()
            .RunAsync(workspace);

        var malformed = await (await workspace.MalformedRowsAsync(run.Id)).ReadAllAsync();
        var aside = await (await workspace.QuarantinedRowsAsync(run.Id)).ReadAllAsync();

        Assert.That(
            string.Join('|', malformed.Columns.Select(column => column.GetText(0))),
            Does.Match(@"^x\.csv\|62\|\|The row has 3 fields where .*\|1,a,z\s*\|false$"));
        Assert.That(
            Enumerable.Range(0, aside.RowCount).Select(row => $"{aside["x"].GetText(row)} {aside["_expectation"].GetText(row)}"),
            Is.EqualTo(new[] { "57 x.between", "58 x.between", "59 x.between" }));
        Assert.That(
            async () => await workspace.MalformedRowsAsync(whole.Id),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("could read every row"));
        Assert.That(
            async () => await workspace.QuarantinedRowsAsync(whole.Id),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("processed no rows"));
    }

    [Test]
    public async Task Open_FolderOfTheArtifactsCannotBe_SaysSoAndClosesTheDatabase()
    {
        using var folder = new TempFolder();
        folder.Write("artifacts", "a file");

        Assert.That(
            async () => await Workspace.OpenAsync(folder.Path),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The artifact folder cannot be written"));
        Assert.That(folder["mlops.db"], Does.Exist);
        Assert.That(folder["mlops.db-wal"], Does.Not.Exist, "whoever closes a database last removes its log");
        File.Delete(folder["artifacts"]);
        await using var workspace = await Workspace.OpenAsync(folder.Path);
    }

    [Test]
    public async Task Open_PathThatIsAFile_SaysWhatToDo()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["file"], "");

        Assert.That(async () => await Workspace.OpenAsync(folder["file"]), Throws.TypeOf<MlOpsException>().With.Message.Contains("file"));
    }

    [Test]
    public void Open_PathWithACharacterThatNoPathHas_SaysWhatToDo() => Assert.That(
        async () => await Workspace.OpenAsync("a\0b"),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Choose a folder"));

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
        var file = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Single(path => path
            .Replace(Path.DirectorySeparatorChar.ToString(), "", StringComparison.Ordinal)
            .EndsWith(package.Hex, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await using var later = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            async () => await later.ServeAsync(SampleLifecycle.Name),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(package.Hex[..8]));
    }

    [Test]
    public async Task Serve_TurnIsTaken_ServesWhatIsLiveWhenItComesToIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        await using var other = await Workspace.OpenAsync(folder.Path);
        var turn = other.Process.TurnOf(SampleLifecycle.Name);
        await turn.WaitAsync();

        var serve = other.ServeAsync(SampleLifecycle.Name);
        await PromoteAnotherAsync(workspace);
        turn.Release();

        Assert.That(await serve, Is.EqualTo(2), "which version is live is asked after the turn has come");
    }

    [Test]
    public async Task Serve_NewerVersionPromotedWhileAnOlderIsRead_EndsWithTheNewer()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        await using var other = await Workspace.OpenAsync(folder.Path);
        using var goOn = new ManualResetEventSlim();
        var reading = WaitInFirstRead(other, goOn, () => true);

        var slow = Task.Run(() => other.ServeAsync(SampleLifecycle.Name));
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        await PromoteAnotherAsync(workspace);
        var turns = other.Process.TurnOf(SampleLifecycle.Name).CurrentCount;
        var fast = other.ServeAsync(SampleLifecycle.Name);
        goOn.Set();

        Assert.That(turns, Is.Zero, "who reads a version keeps the turn, so nobody overtakes");
        Assert.That((await slow, await fast), Is.EqualTo((1, 2)));
        Assert.That(other.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task Serve_WhileTheVersionIsDeployed_WaitsForTheDeployment()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        using var goOn = new ManualResetEventSlim();
        var isPromoted = false;
        var reading = WaitInFirstRead(workspace, goOn, () => isPromoted |=
            workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion).GetAwaiter().GetResult() is not null);

        var run = Task.Run(() => SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace));
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        var turns = workspace.Process.TurnOf(SampleLifecycle.Name).CurrentCount;
        var serve = workspace.ServeAsync(SampleLifecycle.Name);
        goOn.Set();
        await run;

        Assert.That(turns, Is.Zero, "the deployment swaps and looks at what it swapped, undisturbed");
        Assert.That(await serve, Is.EqualTo(1));
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

    /// <summary>Lets the first read of a model, as soon as it counts, wait; the task ends when it has begun.</summary>
    private static Task WaitInFirstRead(Workspace workspace, ManualResetEventSlim goOn, Func<bool> counts)
    {
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        workspace.Readers.Add<IModel>(LinearModel.Format, bytes =>
        {
            if (counts() && reading.TrySetResult()) goOn.Wait(TimeSpan.FromSeconds(30));
            return LinearModel.Read(bytes);
        });
        return reading.Task;
    }

    /// <summary>Promotes a second version, which decides at another threshold.</summary>
    private static async Task PromoteAnotherAsync(Workspace workspace)
    {
        var first = await workspace.Models.GetAsync(SampleLifecycle.Name, 1);
        using var package = await workspace.ReadPackageAsync(first);
        var decision = package.Decision with { Threshold = package.Decision.Threshold / 2 };
        var other = PackageFile.Write(new ModelPackage(package.Parts with { Decision = decision }));
        var artifact = await workspace.Artifacts.PutAsync(other.Bytes);
        var second = await workspace.Models.RegisterAsync(
            new NewModelVersion(first.Model, artifact.Id, other.ContentHash, first.RunId, first.Metrics),
            "ann");
        await workspace.Models.BlessAsync(second, (await workspace.Models.BlessingsAsync(first.Model, 1))[0].Gates, "ann");
        await workspace.Models.PromoteAsync(
            await workspace.Models.GetBlessedAsync(second.Model, second.Version), ModelRegistry.Champion, 1, "ann", "another threshold");
    }

    [Test]
    [Platform("Unix")]
    public async Task Run_DatabaseIsDeletedMeanwhile_Fails()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Build().RunAsync(workspace);
        File.Delete(folder["mlops.db"]);

        Assert.That(
            async () => await SampleLifecycle.Begin().Build().RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("moved, deleted or replaced"));
    }

    [Test]
    public async Task Members_AfterDisposal_NameTheWorkspace()
    {
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        await workspace.DisposeAsync();

        foreach (var call in new Func<Task>[]
        {
            () => workspace.Runs.ListAsync(),
            () => workspace.BackupAsync(elsewhere["copy"]),
            () => SampleLifecycle.Begin().Build().RunAsync(workspace),
            () => workspace.ServeAsync(SampleLifecycle.Name),
            () => workspace.Models.RollbackAsync(SampleLifecycle.Name, "x"),
        })
        {
            Assert.That(
                async () => await call(), Throws.TypeOf<ObjectDisposedException>().With.Property("ObjectName").Contains("Workspace"));
        }
    }
}
