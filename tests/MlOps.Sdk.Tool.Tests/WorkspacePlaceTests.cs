using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class WorkspacePlaceTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Begin() => _folder = new TempFolder();

    [TearDown]
    public void End() => _folder.Dispose();

    [TestCase("runs list")]
    [TestCase("models list")]
    [TestCase("audit verify")]
    [TestCase("gc")]
    [TestCase("approvals list")]
    [TestCase("approve 1 --reason x --role r")]
    [TestCase("card churn")]
    [TestCase("backup copy")]
    [TestCase("export all.zip")]
    [TestCase("import all.zip")]
    [TestCase("promote churn 1 --reason x")]
    public async Task OpenAsync_NoWorkspace_SaysSoAndMakesNone(string line)
    {
        var outcome = await new Mlops().RunAsync([.. line.Split(' '), "--workspace", _folder["nothing"]]);

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((3, "")));
        Assert.That(outcome.Error, Does.StartWith($"There is no workspace at '{_folder["nothing"]}'.\n").And.Contain("MLOPS_WORKSPACE"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_FolderAroundTheWorkspace_NamesIt()
    {
        await (await Workspace.OpenAsync(_folder[".mlops"])).DisposeAsync();

        var outcome = await new Mlops().RunAsync("runs", "list", "-w", _folder.Path);

        Assert.That(outcome.Error, Does.Contain($"Did you mean '{_folder[".mlops"]}'?"));
    }

    [Test]
    public async Task OpenAsync_DamagedDatabase_SaysSo()
    {
        _folder.Write("mlops.db", string.Concat(Enumerable.Repeat("This is no database. ", 500)));
        var before = await File.ReadAllBytesAsync(_folder["mlops.db"]);

        var outcome = await new Mlops().RunAsync("runs", "list", "-w", _folder.Path);

        Assert.That(outcome.Code, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.Contain("mlops.db").And.Not.Contain("   at "));
        Assert.That(await File.ReadAllBytesAsync(_folder["mlops.db"]), Is.EqualTo(before), "what is there stays");
    }

    [Test]
    public async Task OpenAsync_WorkspaceInUse_ReadsAndWrites()
    {
        var path = SampleWorkspace.Copy(_folder);
        await using var application = await Workspace.OpenAsync(path);
        await using var run = await application.StartRunAsync("busy");

        var list = await new Mlops().RunAsync("runs", "list", "-w", path, "--lifecycle", "busy");
        var promoted = await new Mlops().RunAsync("promote", SampleWorkspace.Model, "1", "--reason", "by hand", "-w", path);

        Assert.That(list.Out, Does.Contain(run.Id).And.Contain("Running"));
        Assert.That(promoted.Code, Is.Zero, promoted.Error);
        Assert.That(await application.ServeAsync(SampleWorkspace.Model), Is.EqualTo(1));
    }

    [Test]
    public async Task OpenAsync_OptionAndVariables_OptionGoesFirst()
    {
        var path = SampleWorkspace.Copy(_folder);
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = _folder["nothing"], ["MLOPS_ACTOR"] = "nightly job" } };

        var missing = await tool.RunAsync("models", "list");
        var byVariable = await tool.RunAsync("promote", SampleWorkspace.Model, "1", "--reason", "r", "-w", path, "--json");
        var byOption = await tool.RunAsync(
            "promote", SampleWorkspace.Model, "2", "--reason", "r", "-w", path, "--actor", "ann", "--json");

        Assert.That(missing.Code, Is.EqualTo(3));
        Assert.That(ActorOf(byVariable), Is.EqualTo("nightly job"));
        Assert.That(ActorOf(byOption), Is.EqualTo("ann"));

        static string? ActorOf(Outcome outcome) => outcome.Json.GetProperty("actor").GetString();
    }
}
