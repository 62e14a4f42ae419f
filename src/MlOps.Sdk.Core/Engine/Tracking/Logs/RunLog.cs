using System.Data.Common;
using System.Text;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The log of a run that is in progress: takes messages without waiting for the disk, bounds them, and writes them in the background half
/// a second later. What cannot be written is kept, within the bounds, and written again. Thread-safe.
/// </summary>
internal sealed class RunLog : IAsyncDisposable
{
    private const int LongestText = 4_000;

    // A secret that the end of a text cuts in two is not recognised: what is looked at is longer than what is kept.
    private const int LongestRaw = 2 * LongestText;
    private const int LongestName = 200;
    private const int Overhead = 100;
    private const int DeepestException = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(5);
    private static readonly AsyncLocal<RunLog?> Ambient = new();

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly RunLogLimits _limits;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly string _runId;
    private readonly long _run;
    private readonly Func<Action<DbConnection>, CancellationToken, Task> _write;
    private readonly RunLogPlaces _places;

    // What lost its place and may be in the database: by number, or whatever has no place, where that would be too many.
    private readonly HashSet<long> _removed = [];
    private bool _removesAll;
    private ITimer? _timer;
    private long _last;
    private long _dropped;
    private bool _isDue;
    private bool _hasFailed;
    private volatile bool _isClosed;

    /// <param name="limits">What it takes.</param>
    /// <param name="runId">The run.</param>
    /// <param name="run">Its number.</param>
    /// <param name="stored">What is stored of a run that is resumed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Hears that the log cannot be written.</param>
    /// <param name="write">Writes as the owner of the run, also once it has ended.</param>
    public RunLog(
        RunLogLimits limits,
        string runId,
        long run,
        IReadOnlyList<(long No, int Level, int Size)> stored,
        TimeProvider clock,
        ILogger logger,
        Func<Action<DbConnection>, CancellationToken, Task> write)
    {
        (_limits, _runId, _run, _clock, _logger, _write) = (limits, runId, run, clock, logger, write);
        _places = new RunLogPlaces(limits.Entries, limits.Bytes);
        foreach (var (no, level, size) in stored)
        {
            Place(new RunLogMark(no, level, size, row: null));
            _last = no;
        }
    }

    /// <summary>The log of the run that the calling code is part of; <see langword="null"/> outside of runs.</summary>
    public static RunLog? Current => Ambient.Value;

    /// <summary>How many numbers of messages are held, which may have to be removed from the database.</summary>
    internal int Removals
    {
        get
        {
            lock (_gate) return _removed.Count;
        }
    }

    /// <summary>The stage that is in progress.</summary>
    public LifecycleStage? Stage { get; set; }

    /// <summary>Makes this the log of what the calling method, and whatever it awaits, does from here on.</summary>
    public void Follow() => Ambient.Value = this;

    public bool Takes(LogLevel level) => !_isClosed && level >= _limits.Level && level < LogLevel.None;

    public void Add<TState>(
        string category,
        LogLevel level,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!Takes(level)) return;
        var message = Cut(Format(state, exception, formatter), LongestRaw);
        var (type, text) = exception is null ? (null, null) : Describe(Secrets.Unblanked(exception));
        var row = new RunLogRow
        {
            At = _clock.GetUtcNow().UtcTicks,
            Level = (int)level,
            Event = eventId.Id,
            EventName = eventId.Name is { } name ? Whole(Cut(name, LongestName)) : null,
            Category = Whole(Cut(category, LongestName)),
            Stage = (int?)Stage,
            Message = message,
            ExceptionType = type,
            Exception = text,
            Size = Overhead + Encoding.UTF8.GetByteCount(message) + (text is null ? 0 : Encoding.UTF8.GetByteCount(text)),
        };
        lock (_gate)
        {
            if (_isClosed) return;
            var no = ++_last;
            Place(new RunLogMark(no, row.Level, row.Size, row with { No = no }));
            Schedule(_hasFailed ? Repetition : Interval);
        }
    }

    /// <summary>Writes what was added before.</summary>
    /// <returns>Whether it could be written; if not, it is tried again later.</returns>
    public async Task<bool> TryFlushAsync()
    {
        await _flushing.WaitAsync().ConfigureAwait(false);
        try
        {
            RunLogMark[] added;
            long[] removed;
            IReadOnlyList<(long After, long Before)> gaps;
            bool removesAll;
            long dropped;
            lock (_gate)
            {
                _isDue = false;
                added = [.. _places.Kept.Where(mark => mark.Row is not null)];
                foreach (var mark in added) mark.IsWritten = true;
                removed = [.. _removed];
                (removesAll, _removesAll) = (_removesAll, false);
                gaps = removesAll ? Gaps() : [];
                dropped = _dropped;
            }
            if (added.Length + removed.Length + gaps.Count == 0 && dropped == 0) return true;
            RunLogRow[] rows = [.. added.Select(mark => Blanked(mark.Row!))];
            try
            {
                await _write(
                    connection => RunLogTable.Write(connection, _run, rows, removed, gaps, dropped),
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception) when (removesAll)
            {
                lock (_gate) RemoveAll();
                throw;
            }
            lock (_gate)
            {
                foreach (var mark in added) mark.SetStored();
                _removed.ExceptWith(removed);
                _dropped -= dropped;
                _hasFailed = false;
            }
            return true;
        }
        catch (Exception e) when (e is MlOpsException or ObjectDisposedException)
        {
            Fail(e);
            return false;
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Writes what was added, and takes nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed) return;
        await TryFlushAsync().ConfigureAwait(false);
        lock (_gate) _isClosed = true;
        if (_timer is { } timer) await timer.DisposeAsync().ConfigureAwait(false);
    }

    // What a plug-in logs may do anything when it is written as text.
    private static string Format<TState>(TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            return formatter(state, exception);
        }
        catch (Exception e)
        {
            return $"A message could not be written as text: {e.GetType().FullName}";
        }
    }

    private static (string? Type, string? Text) Describe(Exception exception)
    {
        try
        {
            var text = new StringBuilder(exception.Message);
            var inner = exception.InnerException;
            for (var depth = 0; inner is not null && depth < DeepestException && text.Length < LongestRaw; depth++)
            {
                text.Append('\n').Append(inner.GetType().FullName).Append(": ").Append(inner.Message);
                inner = inner.InnerException;
            }
            return (exception.GetType().FullName, Cut(text.ToString(), LongestRaw));
        }
        catch (Exception)
        {
            // An exception of a plug-in may fail to tell its message.
            return (exception.GetType().FullName, null);
        }
    }

    private static RunLogRow Blanked(RunLogRow row) => row with
    {
        Message = Storable(row.Message),
        Exception = row.Exception is { } text ? Storable(text) : null,
    };

    private static string Storable(string text) => Whole(Cut(Secrets.Blank(text), LongestText));

    // What ends texts elsewhere is not taken from an archive.
    private static string Whole(string text) => text.Replace('\0', '\uFFFD');

    private static string Cut(string? text, int longest)
    {
        if (text is null) return "";
        if (text.Length <= longest) return text;
        var end = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        return $"{text[..end]}…";
    }

    // Within the gate.
    private void Place(RunLogMark mark)
    {
        foreach (var lost in _places.Add(mark))
        {
            _dropped++;
            if (!lost.IsWritten || _removesAll) continue;
            _removed.Add(lost.No);
            if (_removed.Count > _limits.Entries) RemoveAll();
        }
    }

    // Within the gate.
    private void RemoveAll()
    {
        _removesAll = true;
        _removed.Clear();
    }

    // Within the gate: the numbers between those that have a place.
    private List<(long After, long Before)> Gaps()
    {
        var gaps = new List<(long, long)>();
        var after = 0L;
        foreach (var no in _places.Kept.Select(mark => mark.No).Append(_last + 1).Order())
        {
            if (no > after + 1) gaps.Add((after, no));
            after = no;
        }

        return gaps;
    }

    // Within the gate.
    private void Schedule(TimeSpan due)
    {
        if (_isDue) return;
        _isDue = true;
        if (_timer is null)
        {
            _timer = _clock.CreateTimer(static log => _ = ((RunLog)log!).TryFlushAsync(), this, due, Timeout.InfiniteTimeSpan);
        }
        else _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Fail(Exception e)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_hasFailed;
            _hasFailed = true;
            if (!_isClosed && e is not ObjectDisposedException) Schedule(Repetition);
        }
        if (isFirst && e is not ObjectDisposedException) TrackingLog.LogNotWritten(_logger, e, _runId);
    }
}
