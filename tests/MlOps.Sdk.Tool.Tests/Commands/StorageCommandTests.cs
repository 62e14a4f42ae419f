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
    public async Task Gc_OldSnapshots_AreReleasedAndDeletedOnlyWithoutDryRun()
    {
        var before = ArtifactFiles();

        var dry = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0", "--dry-run", "--json");
        Assert.That(ArtifactFiles(), Is.EqualTo(before));
        var wet = await _tool.RunAsync("gc", "--keep-runs", "1", "--keep-days", "0");

        Assert.Multiple(() =>
        {
            Assert.That(dry.Json.GetProperty("isDryRun").GetBoolean(), Is.True);
            Assert.That(dry.Json.GetProperty("snapshots").GetProperty("runs").GetArrayLength(), Is.GreaterThanOrEqualTo(0));
            Assert.That(wet.Out, Does.Contain("Snapshots that were released: ").And.Contain("Artifacts that were deleted: "));
            Assert.That(wet.Code, Is.Zero, wet.Error);
        });
    }

    private int ArtifactFiles() => Directory.EnumerateFiles(_folder["workspace/artifacts"], "*", SearchOption.AllDirectories).Count();
}
