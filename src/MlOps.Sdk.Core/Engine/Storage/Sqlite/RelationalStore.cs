using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The relational half of a workspace: one SQLite database in WAL mode. Writes of this process go through one writer
/// that commits in groups; reads see a consistent snapshot on connections of their own. Thread-safe.
/// </summary>
internal sealed class RelationalStore : IAsyncDisposable
{
    // More readers than this only queue for the same disk.
    private const int MaximumReaders = 16;

    private readonly SqliteFile _file;
    private readonly GroupCommitWriter _writer;
    // Open as long as the store: it knows which file the store was opened on.
    private readonly SqliteConnection _anchor;
    private readonly SemaphoreSlim _readers = new(MaximumReaders);
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private int _disposed;

    private RelationalStore(SqliteFile file, SqliteConnection anchor, TimeProvider clock, ILogger logger, GroupCommitWriter writer)
    {
        _file = file;
        _anchor = anchor;
        Clock = clock;
        Logger = logger;
        _writer = writer;
    }

    /// <summary>The full path of the database file.</summary>
    public string Path => _file.Path;

    /// <summary>The clock that stamps rows.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Hears what concerns the store.</summary>
    public ILogger Logger { get; }

    /// <summary>Whether the file is still the one that was opened: it may have been moved, deleted or replaced.</summary>
    public bool IsInPlace => _disposed == 0 ? _file.IsInPlace(_anchor) : throw Closed();

    /// <summary>Opens the database, creating it and its folder where missing and bringing its schema up to date.</summary>
    /// <exception cref="MlOpsException">
    /// The path is a folder, a network share, not writable, damaged, of another program, or written by a newer library.
    /// </exception>
    public static async Task<RelationalStore> OpenAsync(
        string databasePath, TimeProvider clock, ILogger logger, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(databasePath);
        var file = new SqliteFile(System.IO.Path.GetFullPath(databasePath), logger);
        var connection = await Task.Run(() => OpenWriter(file, clock, logger, cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            return new RelationalStore(file, file.OpenAnchor(cancellationToken), clock, logger, new GroupCommitWriter(file, connection));
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the writer, inside a transaction that other queued writes may share.
    /// When the task has ended, the write is on disk. When <paramref name="work"/> throws, only its own changes are undone.
    /// </summary>
    /// <param name="work">Reads and writes through the connection; runs at most once, must not begin or end transactions.</param>
    /// <param name="cancellationToken">Honoured until the work begins.</param>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken = default)
    {
        if (_disposed != 0) throw Closed();
        return _writer.EnqueueAsync(work, cancellationToken);
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<SqliteConnection> work, CancellationToken cancellationToken = default) =>
        WriteAsync(connection =>
        {
            work(connection);
            return 0;
        }, cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a connection that sees one snapshot of everything committed before.</summary>
    /// <param name="work">Reads only; may run again when another process recovers the database at that moment.</param>
    /// <param name="cancellationToken">Honoured until the work begins.</param>
    /// <exception cref="MlOpsException">The file is not the one that was opened.</exception>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken = default) =>
        RunAsync(() => Read(work, cancellationToken), cancellationToken);

    /// <summary>
    /// Copies the database as it is now into a new file, while others read and write; also when it was moved or deleted meanwhile.
    /// </summary>
    /// <exception cref="MlOpsException">The file exists already or cannot be written.</exception>
    public async Task BackupAsync(string path, CancellationToken cancellationToken = default)
    {
        var target = System.IO.Path.GetFullPath(path);
        if (File.Exists(target) || Directory.Exists(target))
        {
            throw new MlOpsException(
                "The backup file exists already.",
                "Choose another name, or move the old backup away.") { DataSource = target };
        }

        // Written beside the target and renamed, so that a killed process leaves no half a backup under its name.
        var partial = target + ".partial-" + Guid.NewGuid().ToString("N");
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            await RunAsync(() => Copy(partial), cancellationToken).ConfigureAwait(false);
            File.Move(partial, target, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The backup cannot be written: {e.Message}",
                "Check the free space and the permissions of the folder.",
                e) { DataSource = target };
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }

    /// <summary>Finishes the queued writes and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _writer.DisposeAsync().ConfigureAwait(false);
        for (var i = 0; i < MaximumReaders; i++) await _readers.WaitAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var connection)) await connection.DisposeAsync().ConfigureAwait(false);
        await _anchor.DisposeAsync().ConfigureAwait(false);
        _readers.Release(MaximumReaders);
    }

    /// <summary>The error of whoever uses a store that is closed: callers know it as the workspace.</summary>
    public static ObjectDisposedException Closed() => new("Workspace", "The workspace was disposed of. Open it again.");

    private static SqliteConnection OpenWriter(SqliteFile file, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        file.Prepare();
        var connection = file.Open(cancellationToken);
        try
        {
            SchemaMigration.Apply(file, connection, clock, logger, cancellationToken);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw file.Translate(e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<T> RunAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_disposed != 0) throw Closed();
            return await Task.Run(read, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _readers.Release();
        }
    }

    private long Copy(string path)
    {
        try
        {
            PrivateFiles.CreateFile(path).Dispose();
            return SqliteFile.Copy(_anchor, path);
        }
        catch (SqliteException e)
        {
            throw _file.Translate(e);
        }
    }

    private T Read<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        var wait = _file.StartWaiting();
        while (true)
        {
            SqliteConnection? connection = null;
            try
            {
                _file.RequireInPlace(_anchor);
                connection = _idle.TryTake(out var idle) ? idle : _file.OpenReader(cancellationToken);
                SqliteFile.Execute(connection, "BEGIN");
                var result = work(connection);
                SqliteFile.Execute(connection, "COMMIT");
                _idle.Add(connection);
                return result;
            }
            catch (SqliteException e)
            {
                connection?.Dispose();
                if (!SqliteFile.IsBusy(e) || !wait.Again(cancellationToken)) throw _file.Translate(e);
            }
            catch (Exception e) when (StoredRecord.IsDamage(e))
            {
                connection?.Dispose();
                throw StoredRecord.Damaged($"A record of the database is damaged: {e.Message}", e);
            }
            catch
            {
                connection?.Dispose();
                throw;
            }
        }
    }
}
