using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Takes what the recorders of one model hold, stores it and adds it to the open window: in the background, and when it is asked.
/// Thread-safe.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="services">The store, the clock and the log.</param>
/// <param name="minimumRows">How many rows a window that begins now needs for a verdict.</param>
internal sealed class PredictionDrain(string model, MonitoringServices services, Func<int> minimumRows) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    // Each holds memory for its queue: where versions change faster than their predictions can be stored, the oldest are dropped.
    private const int MostRetired = 8;

    // Guards the window, what is not stored yet, and the reading side of all recorders.
    private readonly Turnstile _gate = new();
    private readonly OpenWindow _window = new(model, services.Time.GetUtcNow());
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PredictionRecorder> _recorders = [];
    private readonly Dictionary<int, long> _droppedBefore = [];
    private Task? _draining;
    private IReadOnlyList<PredictionRow>? _unstored;

    /// <summary>The package of the version that went live last; <see langword="null"/> when none has in this process.</summary>
    public ModelPackage? NewestPackage
    {
        get
        {
            lock (_recorders) return _recorders is [.., var newest] ? newest.Package : null;
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

    /// <summary>Stores what is recorded.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Lets a caller add to the open window what was recorded elsewhere.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public async Task AddAsync(Action<OpenWindow> add, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            add(_window);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Stores what is recorded and detaches the window; <see langword="null"/> when nothing was predicted.</summary>
    /// <exception cref="ObjectDisposedException">The drain is disposed of, or was while this call waited.</exception>
    public async Task<DetachedWindow?> DetachAsync(CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            return _window.Detach(services.Time.GetUtcNow());
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Continues with a window that was detached, also while the drain is disposed of.</summary>
    public async Task PutBackAsync(DetachedWindow detached)
    {
        await _gate.EnterAnywayAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _window.PutBack(detached);
        }
        finally
        {
            _gate.Leave();
        }
    }

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
            await EnterAndDrainAsync(CancellationToken.None).ConfigureAwait(false);
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
                    await EnterAndDrainAsync(cancellationToken).ConfigureAwait(false);
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

    // Also while the drain is disposed of.
    private async Task EnterAndDrainAsync(CancellationToken cancellationToken)
    {
        await _gate.EnterAnywayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        // What comes meanwhile is for the next drain: under traffic without a pause this one would never end.
        (PredictionRecorder Recorder, long Recorded)[] recorders;
        lock (_recorders) recorders = [.. _recorders.Select(recorder => (recorder, recorder.Recorded))];
        foreach (var (recorder, recorded) in recorders)
        {
            while (recorder.Taken < recorded && recorder.TakeBatch() is { } batch)
            {
                // First of all: whatever fails below, what left the ring is stored.
                _unstored = batch.Encoded;
                if (_window.Accepts(recorder.Version, isNewest: recorder == recorders[^1].Recorder))
                {
                    _window.For(recorder.Version, recorder.Package, minimumRows(), batch.At).Add(batch.Rows, batch.Scores);
                    Telemetry.Predictions.Add(batch.Rows.RowCount);
                }

                await StoreAsync(cancellationToken).ConfigureAwait(false);
            }

            lock (_recorders) ForgetDone();
        }
    }

    // A recorder keeps the package of its version, and with it the model. The newest stays, also when its endpoint is gone.
    private void ForgetDone()
    {
        for (var i = _recorders.Count - 2; i >= 0; i--)
        {
            var recorder = _recorders[i];
            if (!recorder.IsDone) continue;
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
        if (_unstored is not { } rows) return;
        await services.Predictions.InsertAsync(rows, cancellationToken).ConfigureAwait(false);
        _unstored = null;
    }
}
