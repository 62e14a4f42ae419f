using System.Collections.Concurrent;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class RelationalStoreTests : StoreFixture
{
    [SetUp]
    public Task CreateTable() => Store.WriteAsync(connection =>
    {
        connection.Execute("CREATE TABLE t(x INTEGER PRIMARY KEY, data BLOB)");
    });

    [Test]
    public async Task WriteAsync_Acknowledged_IsReadByEveryone()
    {
        await InsertAsync(7);
        await using var other = await OpenAsync();
        Assert.That(await other.ReadAsync(Count), Is.EqualTo(1));
    }

    [Test]
    public async Task WriteAsync_ItemsFailInsideAGroup_OnlyTheirChangesAreUndone()
    {
        var writes = Enumerable.Range(1, 500).Select(x => Store.WriteAsync(connection =>
        {
            Insert(connection, x);
            if (x % 5 == 0) throw new FormatException("item " + x);
        })).ToList();
        foreach (var (write, x) in writes.Select((write, i) => (write, i + 1)))
        {
            if (x % 5 == 0) Assert.That(async () => await write, Throws.TypeOf<FormatException>().With.Message.EqualTo("item " + x));
            else await write;
        }

        Assert.That(await Store.ReadAsync(Count), Is.EqualTo(400));
        Assert.That(await Store.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM t WHERE x % 5 = 0")), Is.Zero);
    }

    [Test]
    public async Task WriteAsync_RejectedForAWriteOfItsGroup_IsToldOnceThatWriteIsSeen()
    {
        using var hold = new ManualResetEventSlim();
        var gathering = Store.WriteAsync(_ => hold.Wait());
        var written = Store.WriteAsync(connection => Insert(connection, 1));
        var rejected = Store.WriteAsync(connection => throw new FormatException($"there are {Count(connection)}"));
        var told = false;
        var seen = 0L;
        var last = Store.WriteAsync(_ =>
        {
            // Time in which whoever is rejected may be told.
            told = rejected.ContinueWith(_ => { }, TaskScheduler.Default).Wait(TimeSpan.FromMilliseconds(200));
            seen = Store.ReadAsync(Count).GetAwaiter().GetResult();
        });
        hold.Set();
        await Task.WhenAll(gathering, written, last);

        Assert.That(async () => await rejected, Throws.TypeOf<FormatException>().With.Message.EqualTo("there are 1"));
        Assert.That(told, Is.EqualTo(seen == 1));
    }

    [Test]
    public async Task WriteAsync_Constraint_IsNotALibraryRiddle()
    {
        await InsertAsync(1);
        Assert.That(
            async () => await InsertAsync(1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("UNIQUE").And.Property("DataSource").EqualTo(DatabasePath));
    }

    [Test]
    public async Task WriteAsync_CancelledWhileQueued_WritesNothing()
    {
        using var cancel = new CancellationTokenSource();
        using var hold = new ManualResetEventSlim();
        var first = Store.WriteAsync(_ => hold.Wait());
        var second = Store.WriteAsync(connection => Insert(connection, 1), cancel.Token);
        await cancel.CancelAsync();
        hold.Set();
        await first;
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await Store.ReadAsync(Count), Is.Zero);
    }

    [Test]
    public async Task WriteAsync_AnotherConnectionHoldsTheLock_WaitsForIt()
    {
        await using var other = new SqliteConnection("Data Source=" + DatabasePath);
        await other.OpenAsync();
        await other.ExecuteAsync("BEGIN IMMEDIATE");
        await other.ExecuteAsync("INSERT INTO t(x) VALUES (1)");
        var events = new ConcurrentQueue<string>();
        var write = Store.WriteAsync(connection =>
        {
            events.Enqueue("write");
            Insert(connection, 2);
        });

        // Readers get through meanwhile, so the writer has every opportunity to be early.
        for (var i = 0; i < 50; i++) Assert.That(await Store.ReadAsync(Count), Is.Zero);
        events.Enqueue("release");
        await other.ExecuteAsync("COMMIT");
        await write;
        Assert.That(events, Is.EqualTo(new[] { "release", "write" }));
        Assert.That(await Store.ReadAsync(Count), Is.EqualTo(2));
        SqliteConnection.ClearPool(other);
    }

    [Test]
    public async Task WriteAsync_CancelledWhileAnotherConnectionHoldsTheLock_EndsBeforeTheLockIsFree()
    {
        await using var other = await LockAsync(DatabasePath);
        using var cancel = new CancellationTokenSource();
        var write = Store.WriteAsync(connection => Insert(connection, 1), cancel.Token);
        await cancel.CancelAsync();
        Assert.That(async () => await write, Throws.InstanceOf<OperationCanceledException>());
        await other.ExecuteAsync("ROLLBACK");
        await InsertAsync(2);
        Assert.That(await Store.ReadAsync(c => c.Query<long>("SELECT x FROM t").AsList()), Is.EqualTo(new long[] { 2 }));
    }

    [Test]
    public async Task OpenAsync_AnotherConnectionHoldsTheLockForLong_LogsItAndCanBeCancelled()
    {
        await using var other = await LockAsync(Folder["new.db"]);
        using var cancel = new CancellationTokenSource();

        // The line in the log cancels: so it was written, and the wait was under way.
        using var log = new LogWatcher(logged =>
        {
            if (logged.Id == 1001) cancel.Cancel();
        });
        Assert.That(
            async () => await RelationalStore.OpenAsync(Folder["new.db"], Clock, log, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(cancel.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task WriteAsync_DiskFull_SaysSoAndLosesNothing()
    {
        await InsertAsync(1);
        await Store.WriteAsync(c => { c.Execute($"PRAGMA max_page_count = {c.ExecuteScalar<long>("PRAGMA page_count")}"); });
        Assert.That(
            async () => await Store.WriteAsync(c => { c.Execute("INSERT INTO t(x, data) VALUES (2, zeroblob(1000000))"); }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("disk is full").And.Property("Remedy").Contains("Free some space"));
        await Store.WriteAsync(c => { c.Execute("PRAGMA max_page_count = 1000000"); });
        await InsertAsync(3);
        Assert.That(await Store.ReadAsync(c => c.Query<long>("SELECT x FROM t ORDER BY x").AsList()), Is.EqualTo(new long[] { 1, 3 }));
    }

    [Test]
    public async Task ReadAsync_WhileOthersWrite_SeesOneSnapshot()
    {
        await InsertAsync(1);
        var (before, after) = await Store.ReadAsync(connection =>
        {
            var first = Count(connection);
            InsertAsync(2).GetAwaiter().GetResult();
            return (first, Count(connection));
        });
        Assert.That((before, after), Is.EqualTo((1L, 1L)));
        Assert.That(await Store.ReadAsync(Count), Is.EqualTo(2));
    }

    [Test]
    public async Task DisposeAsync_MoreWritesThanTheQueueHolds_EndsEachOfThem()
    {
        using var hold = new ManualResetEventSlim();
        var first = Store.WriteAsync(_ => hold.Wait());
        var writes = Enumerable.Range(0, 9_000).Select(x => Store.WriteAsync(connection => Insert(connection, x))).ToArray();
        var closing = Store.DisposeAsync().AsTask();
        hold.Set();
        await first;
        await closing;

        // Those that found no place in time fail; none waits for ever.
        Assert.That(async () => await Task.WhenAll(writes).WaitAsync(TimeSpan.FromMinutes(1)), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task DisposeAsync_WithQueuedWrites_FinishesThem()
    {
        var writes = Enumerable.Range(1, 200).Select(InsertAsync).ToList();
        await Store.DisposeAsync();
        await Task.WhenAll(writes);
        await using var again = await OpenAsync();
        Assert.That(await again.ReadAsync(Count), Is.EqualTo(200));
        Assert.That(async () => await InsertAsync(999), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await Store.ReadAsync(Count), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task OpenAsync_ManyAtOnceOnANewFile_CreatesTheSchemaOnce()
    {
        var path = Folder["new.db"];
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RelationalStore.OpenAsync(path, Clock, NullLogger.Instance)));
        Assert.That(
            await stores[0].ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM schema_version")),
            Is.EqualTo(SchemaScripts.All.Count));
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Test]
    public void OpenAsync_PathIsAFolder_SaysSo() =>
        Assert.That(
            async () => await OpenAt(Folder.Path),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("folder").And.Property("Remedy").Not.Null);

    [Test]
    public async Task OpenAsync_FolderCannotBeCreated_SaysSo()
    {
        await File.WriteAllTextAsync(Folder["file"], "x");
        Assert.That(
            async () => await OpenAt(Path.Combine(Folder["file"], "mlops.db")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be created"));
    }

    [Test]
    public async Task OpenAsync_NotADatabase_SaysSoAndLeavesTheFileAlone()
    {
        var text = string.Concat(Enumerable.Repeat("this is not a database. ", 100));
        await File.WriteAllTextAsync(Folder["text.db"], text);
        Assert.That(
            async () => await OpenAt(Folder["text.db"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not an SQLite database"));
        Assert.That(await File.ReadAllTextAsync(Folder["text.db"]), Is.EqualTo(text));
    }

    [Test]
    public async Task OpenAsync_DatabaseOfAnotherProgram_IsRefused()
    {
        await using (var other = new SqliteConnection($"Data Source={Folder["other.db"]};Pooling=False"))
        {
            await other.OpenAsync();
            await other.ExecuteAsync("CREATE TABLE photos(x)");
        }

        Assert.That(async () => await OpenAt(Folder["other.db"]), Throws.TypeOf<MlOpsException>().With.Message.Contains("another program"));
    }

    [Test]
    public async Task OpenAsync_WorkspaceTooNew_IsRefused()
    {
        await WriteVersionAsync(SchemaScripts.Latest + 2, minimumReader: SchemaScripts.Latest + 1);
        Assert.That(
            async () => await OpenAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("newer version").And.Property("Remedy").Contains("Update"));
    }

    [Test]
    public async Task OpenAsync_WorkspaceNewerButCompatible_Opens()
    {
        await WriteVersionAsync(SchemaScripts.Latest + 1, minimumReader: SchemaScripts.Latest);
        await using var other = await OpenAsync();
        Assert.That(await other.ReadAsync(Count), Is.Zero);
    }

    [Test]
    public async Task ReadAsync_DamagedFile_SaysSo()
    {
        await Store.WriteAsync(connection =>
        {
            for (var x = 1; x <= 200; x++) connection.Execute("INSERT INTO t(x, data) VALUES (@x, zeroblob(3000))", new { x });
        });
        await Store.DisposeAsync();
        await using (var file = File.OpenWrite(DatabasePath))
        {
            var garbage = new byte[file.Length / 2];
            Array.Fill(garbage, (byte)0xA5);
            file.Position = file.Length / 2;
            file.Write(garbage);
        }

        await using var damaged = await OpenAsync();
        Assert.That(
            async () => await damaged.ReadAsync(c => c.ExecuteScalar<long>("SELECT sum(length(data)) FROM t")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged").And.Property("Remedy").Contains("backup"));
    }

    [Test]
    public async Task BackupAsync_WhileOthersWrite_IsAWholeDatabase()
    {
        await InsertAsync(1);
        var writes = Enumerable.Range(2, 300).Select(InsertAsync).ToList();
        await Store.BackupAsync(Folder["backup/copy.db"]);
        await Task.WhenAll(writes);
        await using var copy = await OpenAt(Folder["backup/copy.db"]);
        Assert.That(await copy.ReadAsync(c => c.ExecuteScalar<string>("PRAGMA integrity_check")), Is.EqualTo("ok"));
        Assert.That(await copy.ReadAsync(Count), Is.InRange(1, 301));
        Assert.That(Directory.GetFiles(Folder["backup"], "*partial*"), Is.Empty);
    }

    [Test]
    public async Task BackupAsync_FileExists_IsNotOverwritten()
    {
        await File.WriteAllTextAsync(Folder["precious"], "x");
        Assert.That(
            async () => await Store.BackupAsync(Folder["precious"]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("exists already"));
        Assert.That(await File.ReadAllTextAsync(Folder["precious"]), Is.EqualTo("x"));
    }

    [Test]
    [Platform("Unix")]
    public async Task WriteAsync_FileIsGoneFromItsPath_IsNotAcknowledged([Values("deleted", "moved", "replaced", "folder")] string how)
    {
        await Store.DisposeAsync();
        var path = Folder["sub/mlops.db"];
        await using var store = await OpenAt(path);
        await store.WriteAsync(connection => { connection.Execute("CREATE TABLE t(x INTEGER PRIMARY KEY, data)"); });
        await store.WriteAsync(connection => Insert(connection, 1));
        Assert.That(await store.ReadAsync(Count), Is.EqualTo(1));
        if (how == "deleted") File.Delete(path);
        else if (how == "folder") Directory.Delete(Folder["sub"], recursive: true);
        else File.Move(path, Folder["elsewhere.db"]);
        if (how == "replaced") File.Copy(Folder["elsewhere.db"], path);

        Assert.That(
            async () => await store.WriteAsync(connection => Insert(connection, 2)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("moved, deleted or replaced").And.Property("DataSource").EqualTo(path));
        Assert.That(
            async () => await store.ReadAsync(Count), Throws.TypeOf<MlOpsException>().With.Message.Contains("moved, deleted or replaced"));
        Assert.That(File.Exists(path), Is.EqualTo(how == "replaced"), "nothing is made in its place");

        await store.BackupAsync(Folder["saved.db"]);
        await using var saved = await OpenAt(Folder["saved.db"]);
        Assert.That(await saved.ReadAsync(Count), Is.EqualTo(1));

        if (how is "moved" or "replaced")
        {
            File.Move(Folder["elsewhere.db"], path, overwrite: true);
            await store.WriteAsync(connection => Insert(connection, 2));
            Assert.That(await store.ReadAsync(Count), Is.EqualTo(2));
        }
    }

    private static async Task<SqliteConnection> LockAsync(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await connection.ExecuteAsync("BEGIN IMMEDIATE");
        return connection;
    }

    private static long Count(SqliteConnection connection) => connection.ExecuteScalar<long>("SELECT count(*) FROM t");

    private static void Insert(SqliteConnection connection, int x) => connection.Execute("INSERT INTO t(x) VALUES (@x)", new { x });

    private Task InsertAsync(int x) => Store.WriteAsync(connection => Insert(connection, x));

    private Task<RelationalStore> OpenAt(string path) => RelationalStore.OpenAsync(path, Clock, NullLogger.Instance);

    private Task WriteVersionAsync(int number, int minimumReader) =>
        Store.WriteAsync(c =>
        {
            c.Execute(
                "INSERT INTO schema_version(number, minimum_reader, applied_at) VALUES (@number, @minimumReader, 0)",
                new { number, minimumReader });
        });
}
