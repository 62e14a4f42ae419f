using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Takes what the recorders of one model hold, stores it, adds it to the windows, and stores the process's part of these every few
/// seconds: in the background, and when it is asked. After a crash, predictions of the last seconds are missing from their windows, and
/// none is counted twice. Thread-safe.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="services">The store, the clock and the log.</param>
internal sealed class PredictionDrain(string model, MonitoringServices services) : IAsyncDisposable
{
    // A share of the disk is all that the parts of windows may take: those of many columns are stored less often.
    private const long BytesPerStore = 256 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_shortestStore = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestStore = TimeSpan.FromSeconds(20);

    // Each holds memory for its queue: where versions change faster than their predictions can be stored, the oldest are dropped.
    private const int MostRetired = 8;

    // Guards the windows, what is not stored yet, and the reading side of all recorders.
    private readonly Turnstile _gate = new();
    private readonly PaneBook _panes = new(model, services.Panes, services.Time);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PredictionRecorder> _recorders = [];
    private readonly Dictionary<int, long> _droppedBefore = [];
    private readonly Queue<(OpenPane Pane, RecordBatch Batch, double[] Scores, int[] Rows, long[] Times)> _unadded = [];
    private Task? _draining;
    private (RecordedBatch Batch, PredictionRecorder Recorder, IReadOnlyList<(OpenPane Pane, int[] Rows)>? Panes)? _unstored;
    private long _storedAt = services.Time.GetTimestamp();

    /// <summary>
    /// The package of the newest version that is live, or where none is any more, that was; <see langword="null"/> when none was in this
    /// process. An earlier version that stands in for it does not change that.
    /// </summary>
    public ModelPackage? NewestPackage
    {
        get
        {
            lock (_recorders) return Newest?.Package;
        }
    }

    /// <summary>The versions that may still record, or have something to store; the newest last.</summary>
    public int[] Versions
    {
        get
        {
            lock (_recorders) return [.. _recorders.Select(recorder => recorder.Version)];
        }
    }

    public PredictionRecorder NewRecorder(int version, ModelPackage package)
    {
        var recorder = new PredictionRecorder(model, version, package, services.Time);
        lock (_recorders)
        {
            _recorders.Add(recorder);
            ForgetDone();
            foreach (var retired in _recorders.Where(other => other.IsClosed).SkipLast(MostRetired)) retired.Abandon();

            // After the disposal nobody drains any more; before, it waits for the task, and only then disposes of the token.
            if (!_stop.IsCancellationRequested) _draining ??= Task.Run(() => DrainForeverAsync(_stop.Token));
        }

        return recorder;
    }

    /// <summary>Predictions of a version for which there was no room.</summary>
    public long DroppedBy(int version)
    {
        lock (_recorders)
        {
            return _droppedBefore.GetValueOrDefault(version)
                + _recorders.Where(recorder => recorder.Version == version).Sum(recorder => recorder.Dropped);
        }
    }

    /// <summary>Declares the windows of the model: in effect before the next prediction is added to one.</summary>
    public void Declare(MonitoringWindows windows) => _panes.Declare(windows);

    /// <summary>What windows of versions count, as far as it is known here.</summary>
    public WindowShapes Shapes { get; } = new();

    /// <summary>Lets the other processes know which windows are declared.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public Task DeclareAsync(CancellationToken cancellationToken) => EnterAsync(_panes.PrepareAsync, cancellationToken);

    /// <summary>Stores the predictions that are recorded.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public Task StorePredictionsAsync(CancellationToken cancellationToken) => EnterAsync(DrainAsync, cancellationToken);

    /// <summary>Stores what is recorded, and this process's parts of the windows.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public Task FlushAsync(CancellationToken cancellationToken) => EnterAsync(DrainAndStoreAsync, cancellationToken);

    /// <summary>Adds to the windows what was predicted elsewhere.</summary>
    /// <param name="shape">Checks the rows and says what a window of them counts.</param>
    /// <param name="rows">The inputs.</param>
    /// <param name="scores">The score of each.</param>
    /// <param name="cancellationToken">Cancels; nothing is added.</param>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public Task AddAsync(WindowShape shape, Dataset rows, double[] scores, CancellationToken cancellationToken) => EnterAsync(
        async token =>
        {
            await _panes.PrepareAsync(token).ConfigureAwait(false);
            var now = services.Time.GetUtcNow().UtcTicks;
            var assigned = new List<(RecordBatch Batch, int Start, IReadOnlyList<(OpenPane Pane, int[] Rows)> Panes)>();
            var start = 0;
            foreach (var batch in rows.ToBatches())
            {
                int[] all = [.. Enumerable.Range(0, batch.RowCount)];
                assigned.Add((
                    batch, start, await _panes.AssignAsync(0, shape, batch, TimesOf(batch, now), all, token).ConfigureAwait(false)));
                start += batch.RowCount;
            }

            foreach (var (batch, first, panes) in assigned)
            {
                Enqueue(panes, batch, scores[first..(first + batch.RowCount)], TimesOf(batch, now));
            }

            try
            {
                await AddAllAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // All are taken in: whoever drains next continues.
                MonitoringLog.StoringFailed(services.Logger, model, e);
            }
        },
        cancellationToken);

    /// <summary>Turns away whoever comes or waits, ends the work in the background, and stores what is left. Called once.</summary>
    public async ValueTask DisposeAsync()
    {
        _gate.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        Task? draining;
        lock (_recorders) draining = _draining;
        if (draining is not null) await draining.ConfigureAwait(false);
        try
        {
            await EnterAnywayAsync(DrainAndStoreAsync, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _stop.Dispose();
        }
    }

    private async Task DrainForeverAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    await EnterAnywayAsync(DrainAndStoreWhenDueAsync, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    // Also while the drain is disposed of: it drains once again, and says what fails then.
                    MonitoringLog.StoringFailed(services.Logger, model, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposal drains what is left.
        }
    }

    private async Task EnterAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        await WorkAsync(work, cancellationToken).ConfigureAwait(false);
    }

    // Also while the drain is disposed of.
    private async Task EnterAnywayAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await _gate.EnterAnywayAsync(cancellationToken).ConfigureAwait(false);
        await WorkAsync(work, cancellationToken).ConfigureAwait(false);
    }

    private async Task WorkAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task DrainAndStoreAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        if (_panes.IsToDeclare) await _panes.PrepareAsync(cancellationToken).ConfigureAwait(false);
        await _panes.StoreAsync(cancellationToken).ConfigureAwait(false);
        _storedAt = services.Time.GetTimestamp();
    }

    private async Task DrainAndStoreWhenDueAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        if (_panes.IsToDeclare) await _panes.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var pause = s_shortestStore * Math.Max(1, (double)_panes.StoredBytes / BytesPerStore);
        if (services.Time.GetElapsedTime(_storedAt) < (pause < s_longestStore ? pause : s_longestStore)) return;
        await DrainAndStoreAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        // What comes meanwhile is for the next drain: under traffic without a pause this one would never end.
        (PredictionRecorder Recorder, long Recorded)[] recorders;
        lock (_recorders) recorders = [.. _recorders.Select(recorder => (recorder, recorder.Recorded))];
        foreach (var (recorder, recorded) in recorders)
        {
            if (recorder is { TooLong: > 0, IsTooLongTold: false })
            {
                recorder.IsTooLongTold = true;
                MonitoringLog.TextsTooLong(services.Logger, model, recorder.Version, PredictionRecorder.LongestText);
            }

            while (recorder.Taken < recorded && recorder.TakeBatch() is { } batch)
            {
                // First of all: whatever fails below, what left the ring is stored.
                _unstored = (batch, recorder, null);
                await StoreAsync(cancellationToken).ConfigureAwait(false);
            }

            lock (_recorders) ForgetDone();
        }
    }

    // Of the versions that are live the newest, and of its recorders the last; where none is live, of all.
    private PredictionRecorder? Newest => _recorders.Where(recorder => !recorder.IsClosed).DefaultIfEmpty()
        .MaxBy(recorder => recorder?.Version) is { } live ? _recorders.FindLast(recorder => recorder.Version == live.Version)
        : _recorders.Count == 0 ? null
        : _recorders.FindLast(recorder => recorder.Version == _recorders.Max(other => other.Version));

    // A recorder keeps the package of its version, and with it the model. The newest stays, also when its endpoint is gone.
    private void ForgetDone()
    {
        var newest = Newest;
        for (var i = _recorders.Count - 1; i >= 0; i--)
        {
            var recorder = _recorders[i];
            if (recorder == newest || !recorder.IsDone) continue;
            if (recorder.Dropped > 0)
            {
                _droppedBefore[recorder.Version] = _droppedBefore.GetValueOrDefault(recorder.Version) + recorder.Dropped;
            }
            _recorders.RemoveAt(i);
        }
    }

    // What could not be stored is tried again before anything else is taken; meanwhile the ring keeps what comes, and
    // counts what it has no room for.
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        await AddAllAsync(cancellationToken).ConfigureAwait(false);
        if (_unstored is not { } unstored) return;
        var (batch, recorder, panes) = unstored;
        long[] times = [.. batch.Encoded.Select(prediction => prediction.At.UtcTicks)];
        if (panes is null)
        {
            await _panes.PrepareAsync(cancellationToken).ConfigureAwait(false);
            var shape = Shapes.Find(recorder.Version) ?? Shapes.Add(recorder.Version, WindowShape.Of(recorder.Package));
            int[] rows = [.. Enumerable.Range(0, batch.Encoded.Count)];
            if (_panes.CountsInOrder) rows = await NewRowsAsync(batch, cancellationToken).ConfigureAwait(false);
            panes = await _panes.AssignAsync(recorder.Version, shape, batch.Rows, times, rows, cancellationToken).ConfigureAwait(false);
            _unstored = (batch, recorder, panes);
        }

        foreach (var (pane, chosen) in panes)
        {
            foreach (var row in chosen) batch.Encoded[row].Mark = pane.Mark;
        }

        await services.Predictions.InsertAsync(batch.Encoded, cancellationToken).ConfigureAwait(false);
        _unstored = null;
        Telemetry.Predictions.Add(batch.Rows.RowCount);

        // A repeated id is recorded once, and is judged once.
        Enqueue(
            [.. panes.Select(of => (of.Pane, Array.FindAll(of.Rows, row => batch.Encoded[row].IsNew)))], batch.Rows, batch.Scores, times);
        await AddAllAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<int[]> NewRowsAsync(RecordedBatch batch, CancellationToken cancellationToken)
    {
        var seen = (await services.Predictions.FindKnownAsync(
            model, batch.Encoded.Select(prediction => prediction.Id), cancellationToken).ConfigureAwait(false)).ToHashSet();
        return [.. Enumerable.Range(0, batch.Encoded.Count).Where(row => seen.Add(batch.Encoded[row].Id))];
    }

    // Parts that have something to store come first: what is recorded with their mark is in them before they are stored.
    private void Enqueue(IReadOnlyList<(OpenPane Pane, int[] Rows)> panes, RecordBatch batch, double[] scores, long[] times)
    {
        foreach (var (pane, rows) in panes.OrderByDescending(of => of.Pane.HasFresh)) _unadded.Enqueue((pane, batch, scores, rows, times));
    }

    // Callers can name as many windows as they have rows, by event times of long ago: only some of them are in memory at a time.
    private async Task AddAllAsync(CancellationToken cancellationToken)
    {
        while (_unadded.TryPeek(out var next))
        {
            if (next.Rows.Length > 0 && _panes.IsFullFor(next.Pane)) await _panes.StoreAsync(cancellationToken).ConfigureAwait(false);
            _unadded.Dequeue();
            _panes.Add(next.Pane, next.Batch, next.Scores, next.Rows, next.Times);
        }
    }

    private static long[] TimesOf(RecordBatch rows, long at)
    {
        var times = new long[rows.RowCount];
        Array.Fill(times, at);
        return times;
    }
}
