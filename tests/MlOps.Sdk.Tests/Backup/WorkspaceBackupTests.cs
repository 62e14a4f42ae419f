using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Backup;

[TestFixture]
internal sealed class WorkspaceBackupTests : BackupFixture
{
    [Test]
    public async Task BackupAsync_OfATrainedWorkspace_ServesTheSameWhenItIsRestored()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Workspace);
        var row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 3)[0]);
        var answer = Workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row).Value;
        var heard = new List<TransferProgress>();

        var report = await Workspace.BackupAsync(Folder["backup"], new Heard(heard));
        await Workspace.RestoreAsync(Folder["backup"], Folder["restored"]);

        await using var restored = await Workspace.OpenAsync(Folder["restored"]);
        await restored.ServeAsync(SampleLifecycle.Name);
        Assert.That(restored.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row).Value, Is.EqualTo(answer));
        Assert.That(restored.Id, Is.EqualTo(Workspace.Id).And.EqualTo(report.WorkspaceId));
        Assert.That(report.Lost, Is.Empty);
        Assert.That((await restored.Audit.VerifyAsync(report.AuditHead)).Entries, Is.EqualTo(report.AuditEntries).And.GreaterThan(0));
        Assert.That(heard[^1].Bytes, Is.EqualTo(heard[^1].TotalBytes).And.EqualTo(report.TotalSize));
        Assert.That(heard[^1].Items, Is.EqualTo(heard[^1].TotalItems).And.EqualTo(report.Artifacts + 1));
        Assert.That(heard.Select(each => each.Bytes), Is.Ordered);
    }

    [Test]
    public async Task BackupAsync_OpenedWithoutRestoring_IsAWorkspace()
    {
        var (run, artifact) = await LogAsync(Bytes(1));
        await Workspace.BackupAsync(Folder["backup"]);

        await using var copy = await Workspace.OpenAsync(Folder["backup"]);

        Assert.That((await copy.Runs.DetailsAsync(run)).Metrics["loss"], Is.EqualTo(0.5));
        Assert.That(await copy.Artifacts.ReadAllAsync(artifact.Id), Is.EqualTo(Bytes(1)));
    }

    [Test]
    public async Task BackupAsync_WhileOthersWrite_HasEveryArtifactOfEveryRunThatItHas()
    {
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await LogAsync(Bytes(1_000 * writer + i));
        }).ToArray();
        try
        {
            for (var i = 0; i < LongForm.Of(20, 3); i++)
            {
                var backup = Folder[$"backup-{i}"];
                await LogAsync(Bytes(-1 - i));
                await Workspace.BackupAsync(backup);
                await Workspace.RestoreAsync(backup, backup + "-restored");

                await using var restored = await Workspace.OpenAsync(backup + "-restored");
                foreach (var run in await restored.Runs.ListAsync(state: RunState.Succeeded, limit: 1_000))
                {
                    foreach (var artifact in (await restored.Runs.DetailsAsync(run.Id)).Artifacts)
                    {
                        Assert.That(await restored.Artifacts.FindLossAsync(artifact.Id), Is.Null);
                    }
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }
    }

    [Test]
    public async Task BackupAsync_GarbageIsCollectedMeanwhile_KeepsWhatTheCopyRefersTo()
    {
        var (_, artifact) = await LogAsync(Bytes(1));
        var ids = new List<int>();
        using var log = new LogWatcher(logged => ids.Add(logged.Id));
        var collector = new ArtifactCollector(Workspace.Store, Workspace.Files, log);
        GarbageReport? meanwhile = null;
        var backup = NewBackup(async () =>
        {
            await ReleaseAllAsync();
            meanwhile = await collector.CollectGarbageAsync(dryRun: false, TimeSpan.FromHours(-1));
            Assert.That(
                async () => await Workspace.Artifacts.DeleteAsync(artifact.Id),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("a backup or an export of the workspace is in progress"));
        });

        var report = await backup.WriteAsync(Folder["backup"], null, CancellationToken.None);

        Assert.That(meanwhile!.Artifacts, Is.Empty);
        Assert.That(ids, Does.Contain(10105));
        Assert.That(report.Artifacts, Is.EqualTo(1));
        await Workspace.VerifyBackupAsync(Folder["backup"]);
        var after = await collector.CollectGarbageAsync(dryRun: false, TimeSpan.FromHours(-1));
        Assert.That(after.Artifacts.Select(each => each.Id), Is.EqualTo(new[] { artifact.Id }));
    }

    [Test]
    public async Task BackupAsync_AnotherVersionDeletesMeanwhile_FailsRatherThanLackIt()
    {
        var (_, artifact) = await LogAsync(Bytes(1));
        var backup = NewBackup(async () =>
        {
            await ReleaseAllAsync();
            await Workspace.Files.DeleteAnywayAsync(artifact.Id, CancellationToken.None);
        });

        Assert.That(
            async () => await backup.WriteAsync(Folder["backup"], null, CancellationToken.None),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was deleted while the workspace was backed up"));
        Assert.That(Beside(), Is.Empty);
    }

    [Test]
    public async Task Collect_BackupWasKilled_GoesOnAfterAMinute()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var store = await RelationalStore.OpenAsync(Folder["other/mlops.db"], time, NullLogger.Instance);
        var files = new WorkspaceArtifacts(new FileArtifactStore(Folder["other/artifacts"], time, NullLogger.Instance));
        await files.PutAsync(Bytes(1));
        time.Advance(TimeSpan.FromHours(2));
        Assert.That(await new LeaseTable(store).TakeAsync("hold:killed", "x", StoreLease.Length, CancellationToken.None), Is.True);
        var collector = new ArtifactCollector(store, files, NullLogger.Instance);

        var held = await collector.CollectGarbageAsync(dryRun: false);
        time.Advance(TimeSpan.FromSeconds(61));
        var free = await collector.CollectGarbageAsync(dryRun: false);

        Assert.That((held.Artifacts.Count, free.Artifacts.Count), Is.EqualTo((0, 1)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task BackupAsync_ArtifactWasLostBefore_SaysSoAndKeepsTheRest(bool isMissing)
    {
        var (run, _) = await LogAsync(Bytes(1));
        var (_, lost) = await LogAsync(Bytes(2));
        var path = BackupManifest.PathOf(Workspace.Path, lost.Id);
        if (isMissing) File.Delete(path);
        else File.WriteAllBytes(path, Bytes(3));

        var report = await Workspace.BackupAsync(Folder["backup"]);
        var restored = await Workspace.RestoreAsync(Folder["backup"], Folder["restored"]);

        Assert.That(report.Lost.Select(each => each.Id), Is.EqualTo(new[] { lost.Id }));
        Assert.That(report.Lost[0].Problem, Does.Contain(isMissing ? "is missing" : "is damaged"));
        Assert.That(restored.Lost, Is.EqualTo(report.Lost));
        Assert.That(report.Artifacts, Is.EqualTo(1));
        await using var workspace = await Workspace.OpenAsync(Folder["restored"]);
        Assert.That((await workspace.Runs.DetailsAsync(run)).Artifacts, Has.Count.EqualTo(1));
    }

    [TestCase("workspace")]
    [TestCase("workspace/backup")]
    [TestCase("full")]
    [TestCase("file")]
    public async Task BackupAsync_DestinationThatCannotBe_IsRefused(string destination)
    {
        await LogAsync(Bytes(1));
        Directory.CreateDirectory(Folder["full"]);
        Folder.Write("full/precious", "x");
        Folder.Write("file", "x");
        var before = Beside();

        Assert.That(
            async () => await Workspace.BackupAsync(Folder[destination]),
            Throws.TypeOf<MlOpsException>().With.Property("DataSource").EqualTo(Folder[destination]));
        Assert.That(Beside(), Is.EquivalentTo(before));
        Assert.That(File.ReadAllText(Folder["full/precious"]), Is.EqualTo("x"));
    }

    [Test]
    public async Task BackupAsync_TooLittleRoom_IsSaidBeforeAnythingIsCopied()
    {
        await LogAsync(Bytes(1));

        Assert.That(
            async () => await NewBackup(free: 10).WriteAsync(Folder["backup"], null, CancellationToken.None),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the disk has room for 10"));
        Assert.That(Beside(), Is.Empty);
    }

    [Test]
    public async Task BackupAsync_DiskFillsMeanwhile_LeavesNothingAndCanBeRepeated()
    {
        await LogAsync(Bytes(1));
        await LogAsync(Bytes(2));

        var room = new Room(15_000);
        Assert.That(
            async () => await NewBackup(create: path => new FullFile(path, room)).WriteAsync(
                Folder["backup"], null, CancellationToken.None),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("No space left").And.Message.Contains("The workspace is as it was"));
        Assert.That(Beside(), Is.Empty);
        await Workspace.BackupAsync(Folder["backup"]);
        await Workspace.VerifyBackupAsync(Folder["backup"]);
    }

    [Test]
    public async Task BackupAsync_Cancelled_LeavesNothing()
    {
        await LogAsync(Bytes(1));
        using var cancel = new CancellationTokenSource();

        Assert.That(
            async () => await NewBackup(cancel.CancelAsync).WriteAsync(Folder["backup"], null, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Beside(), Is.Empty);
    }

    [Test]
    public async Task BackupAsync_ProcessIsKilled_IsNeverTakenForAWholeOne()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => LogAsync(Bytes(i))));
        for (var round = 0; round < LongForm.Of(50, 3); round++)
        {
            using var host = HostProcess.Start("back-up", Workspace.Path, Folder["backup"]);
            for (var lines = new Random(round).Next(1, 40); lines > 0; lines--) await host.ReadLineAsync();
            await host.KillAsync();

            foreach (var whole in Directory.GetDirectories(Folder.Path, "backup-*").Where(name => !name.Contains(".partial-")))
            {
                await Workspace.VerifyBackupAsync(whole);
                Directory.Delete(whole, recursive: true);
            }
        }

        foreach (var left in Directory.GetDirectories(Folder.Path, "*.partial-*"))
        {
            var name = left[..left.IndexOf(".partial-", StringComparison.Ordinal)];
            Assert.That(async () => await Workspace.VerifyBackupAsync(left), Throws.TypeOf<MlOpsException>());
            await Workspace.BackupAsync(name);
            Directory.Delete(name, recursive: true);
        }
        Assert.That(Beside(), Is.Empty, "the next backup of a name removes what a killed one left");
    }

    [Test]
    public async Task BackupAsync_FoldersBesideIt_RemovesNoneThatIsNotALeftover()
    {
        await LogAsync(Bytes(1));
        var digits = Guid.NewGuid().ToString("N");
        var leftover = Make($"backup.partial-{digits}", isLocked: true);
        string[] others =
        [
            Make("backup.partial-old", isLocked: true),
            Make($"backup.partial-{Guid.NewGuid():N}", isLocked: false),
            Make($"backup.partial-{Guid.NewGuid():D}", isLocked: true),
            Make($"my-backup.partial-{Guid.NewGuid():N}", isLocked: true),
            Make($"backup-2.partial-{Guid.NewGuid():N}", isLocked: true),
        ];

        await Workspace.BackupAsync(Folder["backup"]);
        if (!OperatingSystem.IsWindows()) await Workspace.BackupAsync(Folder["*"]);

        Assert.That(leftover, Does.Not.Exist);
        foreach (var other in others) Assert.That(Path.Combine(other, "data.txt"), Does.Exist);

        string Make(string name, bool isLocked)
        {
            var path = Directory.CreateDirectory(Folder[name]).FullName;
            File.WriteAllText(Path.Combine(path, "data.txt"), "");
            if (isLocked) File.WriteAllText(Path.Combine(path, ".lock"), "");
            Directory.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            return path;
        }
    }

    [Test]
    public async Task BackupAsync_AnotherOneIsUnderWayForTheSamePlace_IsNotDisturbed()
    {
        await LogAsync(Bytes(1));
        var inner = "";
        var backup = NewBackup(async () =>
        {
            await Workspace.BackupAsync(Folder["backup"]);
            inner = string.Join(',', Beside());
        });

        Assert.That(
            async () => await backup.WriteAsync(Folder["backup"], null, CancellationToken.None),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be written"));
        Assert.That(inner, Does.Contain(".partial-"), "the folder of the one that still writes must stay");
        Assert.That((await Workspace.VerifyBackupAsync(Folder["backup"])).Artifacts, Is.EqualTo(1));
        Assert.That(Beside(), Is.EqualTo(new[] { "backup" }));
    }

    [Test]
    public async Task BackupAsync_ArtifactsAreElsewhere_ComeDownAndCanBePutElsewhereAgain()
    {
        var elsewhere = new FileArtifactStore(Folder["elsewhere"], TimeProvider.System, NullLogger.Instance);
        await using var workspace = await Workspace.OpenAsync(Folder["far"], options => options.Artifacts = elsewhere);
        await using (var run = await workspace.StartRunAsync("notebook"))
        {
            await run.LogArtifactAsync("model.bin", Bytes(1));
            await run.CompleteAsync();
        }

        var report = await workspace.BackupAsync(Folder["backup"]);
        var other = new FileArtifactStore(Folder["other"], TimeProvider.System, NullLogger.Instance);
        await Workspace.RestoreAsync(Folder["backup"], Folder["restored"], new RestoreOptions { Artifacts = other });

        Assert.That(report.Artifacts, Is.EqualTo(1));
        Assert.That(await other.ReadAllAsync(ArtifactId.Of(Bytes(1))), Is.EqualTo(Bytes(1)));
        Assert.That(Directory.Exists(Folder["restored/artifacts"]), Is.False);
    }

    [Test]
    [Platform("Unix")]
    public async Task BackupAsync_DatabaseWasDeleted_StillSavesWhatWasInIt()
    {
        var (run, _) = await LogAsync(Bytes(1));
        File.Delete(Folder["workspace/mlops.db"]);

        await Workspace.BackupAsync(Folder["backup"]);

        await Workspace.RestoreAsync(Folder["backup"], Folder["restored"]);
        await using var restored = await Workspace.OpenAsync(Folder["restored"]);
        Assert.That((await restored.Runs.GetAsync(run)).State, Is.EqualTo(RunState.Succeeded));
    }

    private Task ReleaseAllAsync() => Workspace.Store.WriteAsync(connection =>
    {
        foreach (var run in ArtifactRefTable.Owners(connection, RunTracker.OwnerKind))
        {
            ArtifactRefTable.Remove(connection, RunTracker.OwnerKind, run);
        }
    });

    private sealed class Heard(List<TransferProgress> heard) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (heard) heard.Add(value);
        }
    }

    /// <summary>A file on a disk that is full after some bytes.</summary>
    private sealed class FullFile(string path, Room room) : FileStream(path, FileMode.CreateNew)
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            room.Take(buffer.Length);
            await base.WriteAsync(buffer, cancellationToken);
        }
    }

    private sealed class Room(long bytes)
    {
        private long _left = bytes;

        public void Take(long wanted)
        {
            if (Interlocked.Add(ref _left, -wanted) < 0) throw new IOException("No space left on device");
        }
    }
}
