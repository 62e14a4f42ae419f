using System.Runtime.Versioning;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>
/// Files and folders of a workspace become read-only, by their permissions: in a process that these bind, whoever opens or writes is told
/// what, where and how to mend it, reads go on, and the same workspace goes on when it may write again.
/// </summary>
[TestFixture]
[UnsupportedOSPlatform("windows")]
internal sealed class ReadOnlyWorkspaceTests
{
    private const string Mend = "Check the permissions of the file and its folder";

    private TempFolder _folder = null!;
    private FilePermissions _permissions = null!;
    private HostProcess _host = null!;

    private string Database => _folder["workspace/mlops.db"];

    private string Artifacts => _folder["workspace/artifacts"];

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _permissions = new FilePermissions();
        _host = HostProcess.StartBoundByPermissions("work-by-order", _folder["workspace"]);
        Assert.That(await _host.ReadLineAsync(), Is.EqualTo("ready"));
    }

    [TearDown]
    public void Stop()
    {
        _permissions.Dispose();
        _host?.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Open_FileOfTheDatabaseIsReadOnly_SaysSoAndOpensAfterwards()
    {
        await CreateAsync();
        _permissions.MakeReadOnly(Database);

        await RefusedAsync("open", "The database file cannot be written", Mend, "open a copy", Database);

        await OpensAfterwardsAsync();
    }

    [Test]
    public async Task Open_FolderIsReadOnly_SaysSoAndOpensAfterwards()
    {
        await CreateAsync();
        _permissions.MakeReadOnly(_folder["workspace"]);

        await RefusedAsync("open", "The database file cannot be written", Mend, "open a copy", Database);

        await OpensAfterwardsAsync();
    }

    [Test]
    public async Task Open_NoWorkspaceInAReadOnlyFolder_SaysSoAndOpensAfterwards()
    {
        Directory.CreateDirectory(_folder["workspace"]);
        _permissions.MakeReadOnly(_folder["workspace"]);

        await RefusedAsync("open", "The database file cannot be opened or created", "this account may write", Database);

        await OpensAfterwardsAsync();
    }

    [Test]
    public async Task Open_FolderCannotBeCreated_SaysSoAndOpensAfterwards()
    {
        _permissions.MakeReadOnly(_folder.Path);

        await RefusedAsync("open", "The workspace folder cannot be created", "may write to", _folder["workspace"]);

        await OpensAfterwardsAsync();
    }

    [Test]
    public async Task Work_DatabaseBecomesReadOnly_ReadsGoOnAndNothingIsLost()
    {
        var run = await OpenWithARunAsync();
        _permissions.MakeReadOnly(Database, _folder["workspace"]);

        // A file that is open stays writable: what is acknowledged now must be there, too.
        Assert.That(await _host.AskAsync("parameter during"), Is.EqualTo("done during"));
        Assert.That(await _host.AskAsync("read"), Is.EqualTo("done before,before.bin,during"));

        _permissions.GiveBack();
        await GoesOnAsync(run, "before", "during", "after");
    }

    [Test]
    public async Task Work_ArtifactsBecomeReadOnly_RefusesThemAndGoesOn()
    {
        var run = await OpenWithARunAsync();
        var csv = _folder.Write("data.csv", "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(300, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        Assert.That(await _host.AskAsync($"lifecycle {csv} live"), Does.StartWith("done"));
        _permissions.MakeReadOnly([Artifacts, .. Directory.GetDirectories(Artifacts)]);

        await RefusedAsync("artifact during.bin", "The artifact cannot be stored", "the permissions of the folder", Artifacts);
        await RefusedAsync($"lifecycle {csv} refused", "The artifact cannot be stored", "the permissions of the folder", Artifacts);
        Assert.That(await _host.AskAsync("parameter during"), Is.EqualTo("done during"));
        Assert.That(await _host.AskAsync("read"), Is.EqualTo("done before,before.bin,during"));
        Assert.That(await _host.AskAsync("serve live"), Is.EqualTo("done 1"));

        _permissions.GiveBack();
        Assert.That(await _host.AskAsync($"resume {csv} refused"), Is.EqualTo("done Succeeded"));
        Assert.That(await _host.AskAsync("artifact during.bin"), Is.EqualTo("done during.bin"));
        await GoesOnAsync(run, "before", "during", "after");
    }

    [TestCase("back-up", "The folder of the backup cannot be created", "may write to")]
    [TestCase("export", "The archive cannot be written", "permissions")]
    public async Task Copy_TargetIsReadOnly_SaysSoLeavesNothingAndSucceedsAfterwards(string order, string problem, string remedy)
    {
        var run = await OpenWithARunAsync();
        Directory.CreateDirectory(_folder["targets"]);
        _permissions.MakeReadOnly(_folder["targets"]);

        await RefusedAsync($"{order} {_folder["targets/copy"]}", problem, remedy, _folder["targets"]);
        Assert.That(Directory.GetFileSystemEntries(_folder["targets"]), Is.Empty);

        _permissions.GiveBack();
        Assert.That(await _host.AskAsync($"{order} {_folder["targets/copy"]}"), Does.StartWith("done"));
        await GoesOnAsync(run, "before", "after");
    }

    private async Task CreateAsync()
    {
        Assert.That(await _host.AskAsync("open"), Does.StartWith("done"));
        Assert.That(await _host.AskAsync("start"), Does.StartWith("done"));
        Assert.That(await _host.AskAsync("complete"), Does.StartWith("done"));
        Assert.That(await _host.AskAsync("close"), Does.StartWith("done"));
    }

    private async Task<string> OpenWithARunAsync()
    {
        Assert.That(await _host.AskAsync("open"), Does.StartWith("done"));
        var run = (await _host.AskAsync("start"))["done ".Length..];
        Assert.That(await _host.AskAsync("parameter before"), Is.EqualTo("done before"));
        Assert.That(await _host.AskAsync("artifact before.bin"), Is.EqualTo("done before.bin"));
        return run;
    }

    private async Task RefusedAsync(string order, params string[] parts)
    {
        var answer = await _host.AskAsync(order);
        Assert.That(answer, Does.StartWith("refused "));
        foreach (var part in parts) Assert.That(answer, Does.Contain(part));
    }

    private async Task OpensAfterwardsAsync()
    {
        _permissions.GiveBack();
        Assert.That(await _host.AskAsync("open"), Does.StartWith("done"));
        Assert.That(await _host.AskAsync("start"), Does.StartWith("done"));
        Assert.That(await _host.AskAsync("artifact after.bin"), Is.EqualTo("done after.bin"));
        Assert.That(await _host.AskAsync("read"), Is.EqualTo("done after.bin"));
    }

    private async Task GoesOnAsync(string run, params string[] parameters)
    {
        Assert.That(await _host.AskAsync("parameter after"), Is.EqualTo("done after"));
        Assert.That(await _host.AskAsync("complete"), Is.EqualTo($"done {run}"));
        Assert.That(await _host.AskAsync("close"), Does.StartWith("done"));
        await using var workspace = await Workspace.OpenAsync(_folder["workspace"]);
        var details = await workspace.Runs.DetailsAsync(run);
        Assert.That(details.Run.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(details.Parameters.Keys, Is.EquivalentTo(parameters));
        foreach (var artifact in details.Artifacts) await workspace.Artifacts.ReadAllAsync(artifact.Id);
        Assert.That((await workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }
}
