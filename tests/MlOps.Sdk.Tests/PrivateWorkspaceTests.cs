using System.Runtime.Versioning;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Who may read what a workspace keeps: nobody but its account, or the group that its folder was made for.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "There, files inherit the rights of their folder.")]
[UnsupportedOSPlatform("windows")]
public sealed class PrivateWorkspaceTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode GroupFile = OwnerFile | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode GroupFolder = OwnerFolder | GroupFile | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    [TestCase(true)]
    [TestCase(false)]
    public async Task Workspace_WhateverIsKept_IsForItsAccountAlone(bool exists)
    {
        using var folder = new TempFolder();
        var path = folder["workspace"];
        if (exists)
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        await UseAsync(path, folder["backup"]);

        if (!exists) Assert.That(File.GetUnixFileMode(path), Is.EqualTo(OwnerFolder));
        Assert.That(Modes(path, Directory.GetDirectories), Is.Not.Empty.And.All.EqualTo(OwnerFolder));
        Assert.That(Modes(path, Directory.GetFiles), Is.Not.Empty.And.All.EqualTo(OwnerFile));
        Assert.That(File.GetUnixFileMode(folder["backup"]), Is.EqualTo(OwnerFolder));
        Assert.That(Modes(folder["backup"], Directory.GetDirectories), Is.Not.Empty.And.All.EqualTo(OwnerFolder));
        Assert.That(Modes(folder["backup"], Directory.GetFiles), Is.Not.Empty.And.All.EqualTo(OwnerFile));
    }

    [Test]
    public async Task Workspace_InAFolderThatAGroupShares_IsForTheGroup()
    {
        using var folder = new TempFolder();
        var path = folder["workspace"];
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, GroupFolder);

        await UseAsync(path, folder["backup"]);

        Assert.That(Modes(path, Directory.GetDirectories), Is.Not.Empty.And.All.EqualTo(GroupFolder));
        Assert.That(Modes(path, Directory.GetFiles), Is.Not.Empty.And.All.EqualTo(GroupFile));
        Assert.That(File.GetUnixFileMode(folder["backup/mlops.db"]), Is.EqualTo(OwnerFile));
    }

    [Test]
    public async Task Workspace_DatabaseIsALinkToAFileThatIsNotThere_IsForItsAccountAlone()
    {
        using var folder = new TempFolder();
        var path = folder["workspace"];
        Directory.CreateDirectory(path);
        Directory.CreateDirectory(folder["elsewhere"]);
        File.CreateSymbolicLink(Path.Combine(path, "mlops.db"), folder["elsewhere/kept.db"]);

        await using var workspace = await Workspace.OpenAsync(path);

        Assert.That(Modes(folder["elsewhere"], Directory.GetFiles), Is.Not.Empty.And.All.EqualTo(OwnerFile));
    }

    private static UnixFileMode[] Modes(string path, Func<string, string, SearchOption, string[]> list) =>
        [.. list(path, "*", SearchOption.AllDirectories).Select(File.GetUnixFileMode)];

    // The files beside the database are there only while it is open.
    private static async Task UseAsync(string path, string backup)
    {
        await using var workspace = await Workspace.OpenAsync(path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(10, seed: 2));
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        await workspace.BackupAsync(backup);
        foreach (var file in new[] { "mlops.db-wal", "mlops.db-shm" })
        {
            var mode = File.GetUnixFileMode(Path.Combine(path, file));
            Assert.That(mode, Is.EqualTo(File.GetUnixFileMode(Path.Combine(path, "mlops.db"))), file);
        }
    }
}
