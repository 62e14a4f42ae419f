using System.Text;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

[TestFixture]
internal sealed class WorkspaceArchiveTests : ArchiveFixture
{
    [Test]
    public async Task ImportArchiveAsync_Everything_HasEveryRunAsItWas()
    {
        var logged = new[] { await LogAsync(Source, 1), await LogAsync(Source, 2) };
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);

        var exported = await Source.ExportArchiveAsync(Archive);
        var imported = await Target.ImportArchiveAsync(Archive);

        Assert.That(imported.RunsAdded, Is.EqualTo(exported.Runs).And.GreaterThan(4));
        Assert.That(imported.ArtifactsAdded, Is.EqualTo(exported.Artifacts).And.GreaterThan(4));
        Assert.That(imported.ManifestHash, Is.EqualTo(exported.ManifestHash));
        Assert.That((imported.Conflicts.Count, imported.AuditProblem, exported.InProgress.Count), Is.EqualTo((0, (string?)null, 0)));
        foreach (var run in await Source.Runs.ListAsync())
        {
            Assert.That(Testing(await Target.Runs.DetailsAsync(run.Id)), Is.EqualTo(Testing(await Source.Runs.DetailsAsync(run.Id))));
            Assert.That(await Target.Runs.MetricsAsync(run.Id), Is.EqualTo(await Source.Runs.MetricsAsync(run.Id)));
        }
        Assert.That(
            (await Target.Runs.ListAsync()).Select(run => run.Id), Is.EqualTo((await Source.Runs.ListAsync()).Select(run => run.Id)));
        Assert.That(
            Encoding.UTF8.GetString(await Target.Artifacts.ReadAllAsync((await Target.Runs.DetailsAsync(logged[1])).Artifacts[0].Id)),
            Is.EqualTo("model 2"));
        Assert.That((await Target.Audit.VerifyAsync()).Problem, Is.Null);
        Assert.That((await Target.Audit.VerifyAsync()).IsIntact);
        var version = (await Target.Models.ListAsync(SampleLifecycle.Name)).Single();
        Assert.That(version.ContentHash, Is.EqualTo((await Source.Models.ListAsync(SampleLifecycle.Name)).Single().ContentHash));
        (await Target.ReadPackageAsync(version)).Dispose();
    }

    [Test]
    public async Task ExportArchiveAsync_AKilledOneLeftAFile_RemovesThatAlone()
    {
        await LogAsync(Source, 1);
        var (left, written) = ($"{Archive}.partial-{Guid.NewGuid():N}", $"{Archive}.partial-{Guid.NewGuid():N}");
        string[] others = [$"{Archive}.partial-mine", $"{Archive}-2.partial-{Guid.NewGuid():N}"];
        foreach (var file in (string[])[left, .. others]) await File.WriteAllTextAsync(file, "rows of customers");
        await using var held = PrivateFiles.CreateFile(written);

        await Source.ExportArchiveAsync(Archive);

        Assert.That(left, Does.Not.Exist);
        foreach (var file in (string[])[Archive, written, .. others]) Assert.That(file, Does.Exist);
    }

    [Test]
    public async Task ImportArchiveAsync_Again_AddsNothing()
    {
        await LogAsync(Source, 1);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);
        await Source.ExportArchiveAsync(Archive);
        var first = await Target.ImportArchiveAsync(Archive);
        var before = await StateAsync();

        var second = await Target.ImportArchiveAsync(Archive);

        Assert.That(
            (second.RunsAdded, second.RunsKnown, second.Versions.Count, second.VersionsKnown, second.ArtifactsAdded),
            Is.EqualTo((0, first.RunsAdded, 0, 1, 0)));
        Assert.That(second.Conflicts, Is.Empty);
        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task ImportArchiveAsync_PartsThatOverlap_AreJoined()
    {
        var (one, two, three) = (await LogAsync(Source, 1), await LogAsync(Source, 2), await LogAsync(Source, 3, "other"));
        await Source.ExportArchiveAsync(Archive, new ArchiveSelection { RunIds = [one, two] });
        await Source.ExportArchiveAsync(
            Folder["more.mlops"], new ArchiveSelection { Runs = RunFilter.Parse("params.leaves >= 2") });

        var first = await Target.ImportArchiveAsync(Archive);
        var second = await Target.ImportArchiveAsync(Folder["more.mlops"]);

        Assert.That((first.RunsAdded, second.RunsAdded, second.RunsKnown), Is.EqualTo((4, 2, 2)), "children come with their runs");
        foreach (var id in new[] { one, two, three })
        {
            Assert.That((await Target.Runs.DetailsAsync(id)).Children, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task ImportArchiveAsync_DryRun_SaysTheSameAndWritesNothing()
    {
        await LogAsync(Source, 1);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);
        await Source.ExportArchiveAsync(Archive);
        var before = await StateAsync();

        var dry = await Target.ImportArchiveAsync(Archive, dryRun: true);
        Assert.That(await StateAsync(), Is.EqualTo(before));
        var wet = await Target.ImportArchiveAsync(Archive);

        Assert.That((dry.IsDryRun, wet.IsDryRun), Is.EqualTo((true, false)));
        Assert.That((dry with { IsDryRun = false }).ToString(), Is.EqualTo(wet.ToString()));
    }

    [Test]
    public async Task ImportArchiveAsync_SameIdOtherContent_IsAConflictAndNothingIsOverwritten()
    {
        var id = await LogAsync(Source, 1);
        await Source.ExportArchiveAsync(Archive);
        var archive = Forge(
            await File.ReadAllBytesAsync(Archive), "runs.jsonl", text => text.Replace("\"leaves\":\"1\"", "\"leaves\":\"9\""));
        await Target.ImportArchiveAsync(Archive);

        var report = await Target.ImportArchiveAsync(new MemoryStream(archive));

        Assert.That(report.Conflicts.Select(each => each.Subject), Is.EqualTo(new[] { $"run:{id}" }));
        Assert.That(report.Conflicts[0].Problem, Does.Contain("parameters"));
        Assert.That((await Target.Runs.ParametersAsync(id))["leaves"], Is.EqualTo("1"));
    }

    [Test]
    public async Task ImportArchiveAsync_TagsAndNotes_AreJoinedAndOwnValuesStay()
    {
        var id = await LogAsync(Source, 1);
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);
        await Target.Runs.SetTagAsync(id, "team", "sales");
        await Source.Runs.SetTagAsync(id, "phase", "two");
        await Source.Runs.AddNoteAsync(id, "second thoughts");
        await Source.ExportArchiveAsync(Folder["later.mlops"]);

        var report = await Target.ImportArchiveAsync(Folder["later.mlops"]);
        var again = await Target.ImportArchiveAsync(Folder["later.mlops"]);

        var details = await Target.Runs.DetailsAsync(id);
        Assert.That((report.TagsAndNotesAdded, again.TagsAndNotesAdded), Is.EqualTo((2, 0)));
        Assert.That((details.Tags["team"], details.Tags["phase"]), Is.EqualTo(("sales", "two")));
        Assert.That(details.Notes.Select(note => note.Text), Is.EqualTo(new[] { "as good as it gets", "second thoughts" }));
        Assert.That(report.Conflicts.Single().Problem, Does.Contain("'team'"));
    }

    [Test]
    public async Task ImportArchiveAsync_NumberIsTaken_GetsTheNextOneAndNothingGoesLive()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);
        await SampleLifecycle.Begin(Subscriber.Draw(900, seed: 9)).Deployed().Build().RunAsync(Target);
        var live = await Target.Models.FindByAliasAsync(SampleLifecycle.Name, "champion");
        await Source.ExportArchiveAsync(Archive, new ArchiveSelection { Models = [SampleLifecycle.Name] });

        var report = await Target.ImportArchiveAsync(Archive);

        var number = (await Target.Models.ListAsync(SampleLifecycle.Name))[0].Version;
        Assert.That(number, Is.GreaterThan(1));
        Assert.That(report.Versions, Is.EqualTo(new[] { new ImportedVersion(SampleLifecycle.Name, 1, number) }));
        Assert.That((await Target.Models.FindByAliasAsync(SampleLifecycle.Name, "champion"))!.Version, Is.EqualTo(live!.Version));
        Assert.That(
            async () => await Target.Models.GetBlessedAsync(SampleLifecycle.Name, number),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is not blessed"));
        var origins = new List<string?>();
        await foreach (var entry in Target.Audit.ReadAsync(subject: $"model:{SampleLifecycle.Name}/{number}"))
        {
            origins.Add(StorageJson.ReadFields(entry.Details).GetValueOrDefault("origin"));
        }
        Assert.That(origins, Is.EqualTo(new[] { $"{Source.Id}/{SampleLifecycle.Name}/1" }));
        Assert.That((await Target.Audit.VerifyAsync()).Problem, Is.Null);
        Assert.That(report.RunsAdded, Is.GreaterThan(0), "the run that the version came of is there");
    }

    [Test]
    public async Task ImportArchiveAsync_ForeignAuditLog_IsKeptAsEvidenceThatIsNotCollected()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);
        await Source.ExportArchiveAsync(Archive);

        var report = await Target.ImportArchiveAsync(Archive);
        await new ArtifactCollector(Target.Store, Target.Files, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance)
            .CollectGarbageAsync(dryRun: false, TimeSpan.FromHours(-1));

        var entry = await FirstAsync($"workspace:{Source.Id}");
        var details = StorageJson.ReadFields(entry.Details);
        var evidence = Encoding.UTF8.GetString(await Target.Artifacts.ReadAllAsync(ArtifactId.Parse(details["audit"])));
        Assert.That((entry.Actor, entry.Action, details["archive"]), Is.EqualTo(("tom", "workspace.imported", report.ManifestHash)));
        Assert.That(evidence.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(report.AuditEntries));
        Assert.That(evidence, Does.Contain("model.promoted").And.Contain("sara"));
        Assert.That(details.ContainsKey("auditProblem"), Is.False);
    }

    [Test]
    public async Task ImportArchiveAsync_ForeignAuditLogWasChanged_IsKeptWithWhatIsWrong()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Source);
        await Source.ExportArchiveAsync(Archive);
        var archive = Forge(await File.ReadAllBytesAsync(Archive), "audit.jsonl", text => text.Replace("sara", "tina"));

        var report = await Target.ImportArchiveAsync(new MemoryStream(archive));

        Assert.That(report.AuditProblem, Does.Match(@"^Entry \d+ does not match its hash\.$"));
        var details = StorageJson.ReadFields((await FirstAsync($"workspace:{Source.Id}")).Details);
        Assert.That(details["auditProblem"], Is.EqualTo(report.AuditProblem));
        Assert.That((await Target.Audit.VerifyAsync()).IsIntact);
    }

    [Test]
    public async Task ExportArchiveAsync_RunInProgress_IsLeftOutAndNamed()
    {
        var done = await LogAsync(Source, 1);
        await using var run = await Source.StartRunAsync("notebook");

        var report = await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);

        Assert.That(report.InProgress, Is.EqualTo(new[] { run.Id }));
        Assert.That((await Target.Runs.ListAsync()).Select(each => each.Id), Does.Contain(done).And.Not.Contain(run.Id));
    }

    [Test]
    public async Task ImportArchiveAsync_RunsOfTheTarget_StayTheLatest()
    {
        await LogAsync(Source, 1);
        await LogAsync(Source, 2);
        var own = await LogAsync(Target, 3);
        await Source.ExportArchiveAsync(Archive);

        await Target.ImportArchiveAsync(Archive);

        Assert.That((await Target.Runs.ListAsync("notebook"))[0].Id, Is.EqualTo(own));
        var page = await Target.Runs.SearchAsync(new RunQuery { Limit = 1 });
        var ids = new List<string>();
        for (; ; page = await Target.Runs.SearchAsync(new RunQuery { Limit = 1, After = page.Next }))
        {
            ids.AddRange(page.Runs.Select(run => run.Id));
            if (page.Next is null) break;
        }
        Assert.That(ids, Has.Count.EqualTo(6).And.Unique);
        Assert.That(ids[..2], Does.Contain(own));
    }

    [Test]
    public async Task ExportArchiveAsync_SnapshotsWereReleased_TakesTheRestOfTheRun()
    {
        var run = await SampleLifecycle.Begin().Build().RunAsync(Source);
        var id = (await Source.Runs.GetAsync(run.Record.Id)).Stages[1].Outputs.Values.First();
        await Source.Files.DeleteAnywayAsync(id, CancellationToken.None);

        var report = await Source.ExportArchiveAsync(Archive);
        var imported = await Target.ImportArchiveAsync(Archive);

        Assert.That((report.ReleasedArtifacts, imported.RunsAdded), Is.EqualTo((1, report.Runs)));
        Assert.That(await Target.Artifacts.ExistsAsync(id), Is.False);
        await Target.BackupAsync(Folder["backup"]);
        Assert.That((await Workspace.VerifyBackupAsync(Folder["backup"])).Lost, Is.Empty);
    }

    [Test]
    public async Task ImportArchiveAsync_FromAStreamWithoutPositions_IsTheSame()
    {
        await LogAsync(Source, 1);
        using var bytes = new MemoryStream();
        await Source.ExportArchiveAsync(new ForwardOnly(bytes));

        var report = await Target.ImportArchiveAsync(new ForwardOnly(new MemoryStream(bytes.ToArray())));

        Assert.That(report.RunsAdded, Is.EqualTo(2));
    }

    [Test]
    public async Task ImportArchiveAsync_ProcessIsKilled_IsCompletedByImportingAgain()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => LogAsync(Source, i)));
        await Source.ExportArchiveAsync(Archive);
        var (rounds, midway) = (LongForm.Of(many: 30, few: 2), 0);
        for (var round = 0; round < rounds; round++)
        {
            var folder = Folder[$"killed-{round}"];
            using var host = HostProcess.Start("import-archive", folder, Archive);
            while (!(await host.ReadLineAsync()).StartsWith($"{5 + round} of ", StringComparison.Ordinal)) ;
            await host.KillAsync();

            await using var target = await Workspace.OpenAsync(folder);
            var report = await target.ImportArchiveAsync(Archive);

            Assert.That(report.RunsAdded + report.RunsKnown, Is.EqualTo(40));
            Assert.That(report.Conflicts, Is.Empty);
            if (report is { RunsAdded: > 0, RunsKnown: > 0 }) midway++;
            foreach (var run in await Source.Runs.ListAsync())
            {
                Assert.That(Testing(await target.Runs.DetailsAsync(run.Id)), Is.EqualTo(Testing(await Source.Runs.DetailsAsync(run.Id))));
            }
            Assert.That((await target.Audit.VerifyAsync()).IsIntact);
            await target.BackupAsync(Folder[$"backup-{round}"]);
            Assert.That((await Workspace.VerifyBackupAsync(Folder[$"backup-{round}"])).Lost, Is.Empty);
        }
        Assert.That(midway, Is.GreaterThan(0), "no process was killed in the middle");
    }

    [Test]
    public async Task ExportArchiveAsync_FileExistsOrNamesAreUnknown_SaysSoAndLeavesNothing()
    {
        Folder.Write("parts.mlops", "precious");

        Assert.That(
            async () => await Source.ExportArchiveAsync(Archive), Throws.TypeOf<MlOpsException>().With.Message.Contains("exists already"));
        Assert.That(
            async () => await Source.ExportArchiveAsync(Folder["x"], new ArchiveSelection { RunIds = ["none"] }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no run 'none'"));
        Assert.That(
            async () => await Source.ExportArchiveAsync(Folder["x"], new ArchiveSelection { Models = ["none"] }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no model 'none'"));
        Assert.That(await File.ReadAllTextAsync(Archive), Is.EqualTo("precious"));
        Assert.That(Directory.GetFiles(Folder.Path), Is.EqualTo(new[] { Archive }));
    }

    private async Task<MlOps.Sdk.Audit.AuditEntry> FirstAsync(string subject)
    {
        await foreach (var entry in Target.Audit.ReadAsync(subject: subject)) return entry;
        throw new InvalidOperationException($"nothing is said of {subject}");
    }

    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
