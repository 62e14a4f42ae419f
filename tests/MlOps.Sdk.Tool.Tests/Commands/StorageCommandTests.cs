using System.Text.Json;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class StorageCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(_folder) } };
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task Backup_OfAWorkspace_IsVerifiedAndRestored()
    {
        var backup = await _tool.RunAsync("backup", _folder["backup"], "--json");
        var again = await _tool.RunAsync("backup", _folder["backup"]);
        var head = backup.Json.GetProperty("auditHead").GetString()!;
        var elsewhere = new Mlops();
        var verified = await elsewhere.RunAsync("backup", "verify", _folder["backup"], "--head", head);
        var rewritten = await elsewhere.RunAsync("backup", "verify", _folder["backup"], "--head", new string('0', 64));
        var restored = await elsewhere.RunAsync("restore", _folder["backup"], _folder["restored"], "--head", head);
        var models = await elsewhere.RunAsync("models", "list", "-w", _folder["restored"]);

        Assert.Multiple(() =>
        {
            Assert.That(backup.Code, Is.Zero, backup.Error);
            Assert.That(backup.Json.GetProperty("artifacts").GetInt32(), Is.Positive);
            Assert.That((again.Code, again.Out), Is.EqualTo((3, "")), "nothing is written over");
            Assert.That(verified.Out, Does.StartWith($"The backup is whole: {_folder["backup"]}\n").And.Contain(head));
            Assert.That((rewritten.Code, rewritten.Out), Is.EqualTo((3, "")));
            Assert.That(restored.Out, Does.StartWith($"The workspace was restored to {_folder["restored"]}\n"), restored.Error);
            Assert.That(models.Out, Does.Contain(SampleWorkspace.Model));
        });
    }

    [Test]
    public async Task Restore_DamagedBackup_NamesTheFileAndLeavesNothing()
    {
        await _tool.RunAsync("backup", _folder["backup"]);
        var file = Directory.EnumerateFiles(_folder["backup/artifacts"], "*", SearchOption.AllDirectories).First();
        await File.AppendAllTextAsync(file, "x");

        var verified = await new Mlops().RunAsync("backup", "verify", _folder["backup"]);
        var restored = await new Mlops().RunAsync("restore", _folder["backup"], _folder["restored"]);

        Assert.That((verified.Code, restored.Code), Is.EqualTo((3, 3)));
        Assert.That(verified.Error, Does.Contain(Path.GetFileName(file)));
        Assert.That(Directory.Exists(_folder["restored"]), Is.False);
    }

    [Test]
    public async Task Backup_OfAWorkspaceThatLostAnArtifact_EndsWithOne()
    {
        var file = Directory.EnumerateFiles(_folder["workspace/artifacts"], "*", SearchOption.AllDirectories).First();
        File.Delete(file);

        var people = await _tool.RunAsync("backup", _folder["backup"]);
        var json = await _tool.RunAsync("backup", _folder["another"], "--json");

        Assert.That((people.Code, json.Code, people.Error), Is.EqualTo((1, 1, "")));
        Assert.That(people.Out, Does.Contain("had lost before: 1 artifact").And.Contain(Path.GetFileName(file)));
        Assert.That(json.Json.GetProperty("lost").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Backup_WhereSomebodyLooks_ShowsABarOnTheErrorOutput()
    {
        var tool = new Mlops { ErrorIsTerminal = true, Variables = { ["MLOPS_WORKSPACE"] = _folder["workspace"] } };

        var outcome = await tool.RunAsync("backup", _folder["backup"], "--json");

        Assert.That(outcome.Error, Does.Contain("Copying the workspace"));
        Assert.That(outcome.Json.GetProperty("artifacts").GetInt32(), Is.Positive);
    }

    [Test]
    public async Task Gc_UnreferencedArtifact_IsDeletedOnlyWithoutDryRun()
    {
        ArtifactInfo stray;
        await using (var workspace = await Workspace.OpenAsync(_folder["workspace"]))
        {
            stray = await workspace.Artifacts.PutAsync("Nobody needs this."u8.ToArray());
        }
        var file = Directory.EnumerateFiles(_folder["workspace/artifacts"], "*", SearchOption.AllDirectories)
            .Single(path => path.EndsWith(stray.Id.Hex[2..], StringComparison.Ordinal));

        // What was stored within the last hour may still be in use.
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddHours(-2));
        var dry = await _tool.RunAsync("gc", "--dry-run", "--json");
        Assert.That(File.Exists(file), Is.True);
        var wet = await _tool.RunAsync("gc");

        Assert.Multiple(() =>
        {
            var listed = dry.Json.GetProperty("unreferenced").GetProperty("artifacts");
            Assert.That(dry.Json.GetProperty("isDryRun").GetBoolean(), Is.True);
            Assert.That(dry.Json.GetProperty("snapshots").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(listed.EnumerateArray().Select(one => one.GetProperty("id").GetString()), Is.EqualTo(new[] { stray.Id.Hex }));
            Assert.That(wet.Lines[0], Is.EqualTo("Artifacts that were deleted: 1, 18 B"));
            Assert.That(File.Exists(file), Is.False);
        });
    }

    [Test]
    public async Task Gc_OldRuns_ReleaseTheirSnapshots()
    {
        var dry = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0", "--dry-run", "--json");
        var told = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0", "--dry-run");
        var wet = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0");
        var again = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0", "--json");

        Assert.Multiple(() =>
        {
            Assert.That(dry.Json.GetProperty("snapshots").GetProperty("runs").GetArrayLength(), Is.EqualTo(1), "the older of two");
            Assert.That(wet.Lines[0], Does.StartWith("Snapshots that were released: ").And.Contain(" of 1 run, "));
            Assert.That(told.Out, Does.Contain("run that keeps its snapshots").And.Contain(SampleWorkspace.Lifecycles[1]));
            Assert.That(again.Json.GetProperty("snapshots").GetProperty("runs").GetArrayLength(), Is.Zero);
        });
    }
}
