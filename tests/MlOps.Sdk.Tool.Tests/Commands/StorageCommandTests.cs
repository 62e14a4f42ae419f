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
    public async Task Backup_OfTheDatabase_IsAWorkspaceThatCanBeRead()
    {
        Directory.CreateDirectory(_folder["copy"]);
        var path = _folder["copy/mlops.db"];

        var outcome = await _tool.RunAsync("backup", path, "--json");
        var again = await _tool.RunAsync("backup", path);

        Assert.That(outcome.Json.GetProperty("size").GetInt64(), Is.EqualTo(new FileInfo(path).Length));
        Assert.That((again.Code, again.Out), Is.EqualTo((3, "")), "nothing is written over");
        Assert.That((await new Mlops().RunAsync("models", "list", "-w", _folder["copy"])).Out, Does.Contain(SampleWorkspace.Model));
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
        var wet = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0");
        var again = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0", "--json");

        Assert.Multiple(() =>
        {
            Assert.That(dry.Json.GetProperty("snapshots").GetProperty("runs").GetArrayLength(), Is.EqualTo(1), "the older of two");
            Assert.That(wet.Lines[0], Does.StartWith("Snapshots that were released: ").And.Contain(" of 1 run, "));
            Assert.That(again.Json.GetProperty("snapshots").GetProperty("runs").GetArrayLength(), Is.Zero);
        });
    }
}
