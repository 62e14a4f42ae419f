using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Backup;

[TestFixture]
internal sealed class WorkspaceRestoreTests : BackupFixture
{
    private string Backup => Folder["backup"];

    [SetUp]
    public async Task BackUpAsync()
    {
        await LogAsync(Bytes(1));
        await LogAsync(Bytes(2));
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(Workspace);
        await Workspace.BackupAsync(Backup);
    }

    [Test]
    public async Task RestoreAsync_ArtifactWasAlteredAndGoesElsewhere_IsNotPutThere()
    {
        var artifact = Directory.GetDirectories(Path.Combine(Backup, "artifacts")).SelectMany(Directory.GetFiles).Order().Last();
        Flip(artifact);
        var elsewhere = new FileArtifactStore(Folder["elsewhere"], TimeProvider.System, NullLogger.Instance);

        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["restored"], new RestoreOptions { Artifacts = elsewhere }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("its content is not what was written"));

        var wrong = ArtifactId.Of(await File.ReadAllBytesAsync(artifact));
        Assert.That(await elsewhere.FindAsync(wrong, default), Is.Null);
        Assert.That(Folder["restored"], Does.Not.Exist);
    }

    [TestCase("artifact", "its content is not what was written")]
    [TestCase("longer", "bytes where")]
    [TestCase("missing", "it is missing")]
    [TestCase("database", "its content is not what was written")]
    [TestCase("manifest", "backup.json")]
    [TestCase("cut", "backup.json")]
    [TestCase("none", "is not a whole backup")]
    [TestCase("newer", "has format 2")]
    [TestCase("empty", "is not the manifest of a backup")]
    [TestCase("path", "backup.json")]
    [TestCase("twice", " twice")]
    [TestCase("lost", " twice")]
    public async Task RestoreAsync_FileWasAltered_NamesItAndLeavesNothing(string change, string problem)
    {
        var artifact = Directory.GetDirectories(Path.Combine(Backup, "artifacts")).SelectMany(Directory.GetFiles).Order().First();
        var manifest = Path.Combine(Backup, BackupManifest.FileName);
        switch (change)
        {
            case "artifact":
                Flip(artifact);
                break;
            case "longer":
                await File.AppendAllTextAsync(artifact, "x");
                break;
            case "missing":
                File.Delete(artifact);
                break;
            case "database":
                Flip(Path.Combine(Backup, "mlops.db"));
                break;
            case "manifest":
                ChangeManifest(Backup, json => json["artifacts"]![0]!["id"] = "../../etc/passwd");
                break;
            case "cut":
                await using (var file = File.OpenWrite(manifest)) file.SetLength(file.Length / 2);
                break;
            case "none":
                File.Delete(manifest);
                break;
            case "newer":
                ChangeManifest(Backup, json => json["format"] = 2);
                break;
            case "empty":
                ChangeManifest(Backup, json => json["artifacts"]!.AsArray().Add(null));
                break;
            case "path":
                ChangeManifest(Backup, json => json["lost"] = "x");
                break;
            case "twice":
                ChangeManifest(Backup, json => json["artifacts"]!.AsArray().Add(json["artifacts"]![0]!.DeepClone()));
                break;
            case "lost":
                ChangeManifest(Backup, json => json["lost"]!.AsArray().Add(
                    new JsonObject { ["id"] = json["artifacts"]![0]!["id"]!.DeepClone(), ["problem"] = "missing" }));
                break;
        }

        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["restored"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem).And.Property("DataSource").StartsWith(Backup));
        Assert.That(async () => await Workspace.VerifyBackupAsync(Backup), Throws.TypeOf<MlOpsException>().With.Message.Contains(problem));
        Assert.That(Beside(), Is.EqualTo(new[] { "backup" }));
    }

    [Test]
    public void VerifyBackupAsync_ArtifactIsMissing_NamesItsPath()
    {
        var artifact = Directory.GetDirectories(Path.Combine(Backup, "artifacts")).SelectMany(Directory.GetFiles).Order().First();
        File.Delete(artifact);

        var path = Path.GetRelativePath(Backup, artifact).Replace('\\', '/');
        Assert.That(
            async () => await Workspace.VerifyBackupAsync(Backup),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"damaged at '{path}'"));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task VerifyBackupAsync_FileIsAPipe_IsDamagedAndNotWaitedFor()
    {
        var database = Path.Combine(Backup, "mlops.db");
        File.Delete(database);
        using (var made = System.Diagnostics.Process.Start("mkfifo", [database])) await made.WaitForExitAsync();

        Assert.That(
            async () => await Workspace.VerifyBackupAsync(Backup),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged at 'mlops.db': it has 0 bytes"));
    }

    [Test]
    public void RestoreAsync_AuditLogWasAlteredWithItsHashes_SaysSo()
    {
        ChangeDatabase(connection => connection.Execute(
            "DROP TRIGGER audit_never_changes; UPDATE audit SET actor = 'somebody else' WHERE seq = 1"));

        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["restored"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("its audit log was changed: Entry 1"));
        Assert.That(Beside(), Is.EqualTo(new[] { "backup" }));
    }

    [Test]
    public void RestoreAsync_ArtifactWasTakenOutOfTheManifest_SaysSo()
    {
        ChangeManifest(Backup, json => json["artifacts"]!.AsArray().RemoveAt(0));

        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["restored"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the manifest does not have it"));
    }

    [Test]
    public void RestoreAsync_DatabaseIsDamagedWithItsHash_SaysSo()
    {
        var path = Path.Combine(Backup, "mlops.db");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(4_096 * 6, 4_096 * 4).Fill(0xEE);
        File.WriteAllBytes(path, bytes);
        Rehash();

        Assert.That(async () => await Workspace.RestoreAsync(Backup, Folder["restored"]), Throws.TypeOf<MlOpsException>());
        Assert.That(Beside(), Is.EqualTo(new[] { "backup" }));
    }

    [Test]
    public async Task RestoreAsync_KnownHead_MustBeInTheLog()
    {
        var head = (await Workspace.Audit.VerifyAsync()).HeadHash;
        await Workspace.RestoreAsync(Backup, Folder["restored"], new RestoreOptions { KnownAuditHead = head });

        Assert.That(
            async () => await Workspace.RestoreAsync(
                Backup, Folder["other"], new RestoreOptions { KnownAuditHead = new string('0', 64) }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not have the head")
                .And.Message.Not.Contains("damaged"));
        Assert.That(
            async () => await Workspace.VerifyBackupAsync(Backup, new string('0', 64)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not have the head")
                .And.Message.Not.Contains("damaged"));
        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["other"], new RestoreOptions { KnownAuditHead = "deadbeef" }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'deadbeef' is no hash of an audit log"));
    }

    [Test]
    public async Task RestoreAsync_SomethingIsThere_IsNotOverwritten()
    {
        Directory.CreateDirectory(Folder["empty"]);
        await Workspace.RestoreAsync(Backup, Folder["empty"]);

        Assert.That(
            async () => await Workspace.RestoreAsync(Backup, Folder["empty"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is not empty"));
    }

    [Test]
    public async Task VerifyBackupAsync_Whole_ChangesNothing()
    {
        var before = Contents();

        var report = await Workspace.VerifyBackupAsync(Backup);

        Assert.That(Contents(), Is.EqualTo(before));
        Assert.That(report.AuditEntries, Is.GreaterThan(0));
        Assert.That(report.Path, Is.EqualTo(Backup));
    }

    [Test]
    public void RestoreAsync_Cancelled_LeavesNothing()
    {
        using var cancel = new CancellationTokenSource();

        Assert.That(
            async () => await Workspace.RestoreAsync(
                Backup, Folder["restored"], null, new SynchronousProgress(cancel.Cancel), cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Beside(), Is.EqualTo(new[] { "backup" }));
    }

    private string Contents() => string.Join(
        '\n',
        Directory.GetFiles(Backup, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));

    private void ChangeDatabase(Action<SqliteConnection> change)
    {
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(Backup, "mlops.db")};Pooling=False"))
        {
            connection.Open();
            change(connection);
        }
        Rehash();
    }

    private void Rehash()
    {
        var bytes = File.ReadAllBytes(Path.Combine(Backup, "mlops.db"));
        ChangeManifest(Backup, json =>
        {
            json["database"]!["size"] = bytes.Length;
            json["database"]!["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        });
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private sealed class SynchronousProgress(Action heard) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => heard();
    }
}
