using System.Collections.Concurrent;
using System.Data;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The one writer of this process: a thread that takes queued writes and commits as many as have gathered in one transaction,
/// so that many callers share one flush to disk. A thread of its own, because a busy thread pool must not delay heartbeats.
/// Nobody is told anything before the commit, not even that a write was rejected: it may have been for what nobody else sees yet.
/// </summary>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    private const int MaximumQueued = 4096;
    private const int MaximumGroup = 512;

    // Other processes wait while a group runs.
    private static readonly TimeSpan LongestGroup = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ContentionMemory = TimeSpan.FromSeconds(1);

    private readonly SqliteFile _file;
    private readonly SqliteConnection _connection;
    private readonly BlockingCollection<WriteItem> _queue = [];
    private readonly SemaphoreSlim _slots = new(MaximumQueued);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteItem> _group = [];
    private long _contended;

    public GroupCommitWriter(SqliteFile file, SqliteConnection connection)
    {
        _file = file;
        _connection = connection;
        new Thread(Run) { IsBackground = true, Name = "MlOps.Sdk writer" }.Start();
    }

    public async Task<T> EnqueueAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        var item = new WriteItem<T>(work, cancellationToken);
        try
        {
            _queue.Add(item, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // Whoever waits for a place must learn of the closing too.
            _slots.Release();
            item.Fail(RelationalStore.Closed());
        }

        return await item.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private void Run()
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            _slots.Release();
            try
            {
                CommitGroup(first);
            }
            catch (Exception e)
            {
                // Nothing may end this thread: whoever waits gets the failure.
                Abandon(e);
            }
        }

        _ended.SetResult();
    }

    private void CommitGroup(WriteItem first)
    {
        _group.Clear();
        _group.Add(first);
        LetOthersIn();
        if (_file.BeginImmediate(_connection, CancellationToken.None)) _contended = Stopwatch.GetTimestamp();
        var started = Stopwatch.GetTimestamp();
        _group.Clear();
        var item = first;
        var hasChanges = false;
        do
        {
            if (item.TryBegin())
            {
                _group.Add(item);
                hasChanges |= Apply(item);
            }
            if (_group.Count == MaximumGroup || Stopwatch.GetElapsedTime(started) > LongestGroup || !_queue.TryTake(out item)) break;
            _slots.Release();
        }
        while (true);

        if (hasChanges) _file.RequireInPlace(_connection);
        SqliteFile.Execute(_connection, hasChanges ? "COMMIT" : "ROLLBACK");
        foreach (var ended in _group) ended.Complete();
        _group.Clear();
    }

    /// <returns>Whether the item has changes to commit.</returns>
    private bool Apply(WriteItem item)
    {
        SqliteFile.Execute(_connection, "SAVEPOINT item");
        try
        {
            item.Execute(_connection);
            SqliteFile.Execute(_connection, "RELEASE item");
            return true;
        }
        catch (Exception e)
        {
            // A full disk ends the whole transaction: then nobody's changes are left, and everybody must know.
            if (!SqliteFile.IsInTransaction(_connection)) throw;
            SqliteFile.Execute(_connection, "ROLLBACK TO item");
            SqliteFile.Execute(_connection, "RELEASE item");
            item.Reject(Translate(e));
            return false;
        }
    }

    private void Abandon(Exception e)
    {
        try
        {
            if (SqliteFile.IsInTransaction(_connection)) SqliteFile.Execute(_connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // The first failure is the one that is reported.
        }

        var failure = Translate(e);
        foreach (var item in _group) item.Fail(failure);
        _group.Clear();
    }

    /// <summary>
    /// Who has just committed would win the lock again before a waiting process looks; while there is competition,
    /// every group leaves a gap about as long as the others' wait.
    /// </summary>
    private void LetOthersIn()
    {
        if (_contended == 0) return;
        if (Stopwatch.GetElapsedTime(_contended) < ContentionMemory) Thread.Sleep(2);
        else _contended = 0;
    }

    private Exception Translate(Exception e) => e switch
    {
        SqliteException sqlite => _file.Translate(sqlite),

        // What the mapping of rows cannot read.
        DataException => StoredRecord.Damaged($"A record of the database is damaged: {e.Message}", e),
        _ => e,
    };
}
