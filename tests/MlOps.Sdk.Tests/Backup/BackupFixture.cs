using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Backup;

/// <summary>A workspace with runs and artifacts, and a place for its backups.</summary>
internal abstract class BackupFixture
{
    protected TempFolder Folder { get; private set; } = null!;

    protected Workspace Workspace { get; private set; } = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        Folder = new TempFolder();
        Workspace = await Workspace.OpenAsync(Folder["workspace"]);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await Workspace.DisposeAsync();
        Folder.Dispose();
    }

    protected async Task<(string Run, RunArtifact Artifact)> LogAsync(byte[] content, string name = "notebook")
    {
        await using var run = await Workspace.StartRunAsync(name);
        await run.LogParameterAsync("leaves", 31);
        run.LogMetric("loss", 0.5, 1);
        var artifact = await run.LogArtifactAsync("model.bin", content);
        await run.CompleteAsync();
        return (run.Id, artifact);
    }

    protected WorkspaceBackup NewBackup(Func<Task>? copied = null, Func<string, FileStream>? create = null, long? free = null) =>
        new(Workspace.Store, Workspace.Files, Workspace.Path, NullLogger.Instance)
        {
            DatabaseCopied = copied,
            CreateFile = create ?? PrivateFiles.CreateFile,
            FreeSpace = _ => free,
        };

    /// <summary>What is beside the workspace.</summary>
    protected string[] Beside() =>
        [.. Directory.GetFileSystemEntries(Folder.Path).Select(Path.GetFileName).OfType<string>().Where(name => name != "workspace")];

    protected static void ChangeManifest(string backup, Action<JsonNode> change)
    {
        var path = Path.Combine(backup, BackupManifest.FileName);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    protected static byte[] Bytes(int seed, int length = 10_000)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
