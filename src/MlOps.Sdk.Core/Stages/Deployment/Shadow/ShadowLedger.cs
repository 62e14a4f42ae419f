using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Takes what the shadows of a model answered, and stores it in batches, in the background and when it is wanted. Holds a bounded number
/// of answers: what is more is dropped and counted. Thread-safe.
/// </summary>
internal sealed class ShadowLedger(string model, ShadowTable table, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Capacity = 16_384;
    private const int BatchRows = 2_048;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<ShadowRow> _rows = new();
    private readonly ConcurrentDictionary<int, long> _dropped = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task? _storing;
    private int _count;
    private bool _isTold;

    /// <summary>Notes what a shadow answered; never waits.</summary>
    public void Add(ShadowRow row)
    {
        if (Interlocked.Increment(ref _count) > Capacity)
        {
            Interlocked.Decrement(ref _count);
            Drop(row.ShadowVersion);
            return;
        }

        _rows.Enqueue(row);
        Telemetry.Shadows.Add(1, new("mlops.model", model), new("mlops.shadow.outcome", row.Error is null ? "compared" : "failed"));
        Begin();
    }

    /// <summary>Counts calls that a shadow was not given.</summary>
    public void Drop(int version, long count = 1)
    {
        _dropped.AddOrUpdate(version, static (_, added) => added, static (_, known, added) => known + added, count);
        Telemetry.Shadows.Add(count, new("mlops.model", model), new("mlops.shadow.outcome", "dropped"));
        Begin();
    }

    /// <summary>Stores what was noted until now.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await StoreAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the work in the background, and stores what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? storing;
        lock (_lock)
        {
            _stop.Cancel();
            storing = _storing;
        }

        if (storing is not null) await storing.ConfigureAwait(false);
        await TryFlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private void Begin()
    {
        if (Volatile.Read(ref _storing) is not null) return;
        lock (_lock)
        {
            if (!_stop.IsCancellationRequested) _storing ??= Task.Run(() => StoreForeverAsync(_stop.Token));
        }
    }

    private async Task StoreForeverAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await TryFlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The disposal stores what is left.
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            _isTold = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Tried again; the queue is bounded.
            if (!_isTold) DeploymentLog.ShadowsNotStored(logger, model, Secrets.Blank(e));
            _isTold = true;
        }
    }

    // What cannot be stored stays, and is tried again; nobody else takes from the queue.
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        for (var left = _rows.Count; ; left -= BatchRows)
        {
            ShadowRow[] batch = [.. _rows.Take(Math.Min(BatchRows, Math.Max(left, 0)))];
            (int Version, long Count)[] dropped = [.. _dropped.Where(pair => pair.Value > 0).Select(pair => (pair.Key, pair.Value))];
            if (batch.Length == 0 && dropped.Length == 0) return;
            await table.InsertAsync(model, batch, dropped, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < batch.Length; i++) _rows.TryDequeue(out _);
            Interlocked.Add(ref _count, -batch.Length);
            foreach (var (version, count) in dropped)
            {
                _dropped.AddOrUpdate(version, 0L, (_, known) => known - count);
            }

            if (left <= BatchRows) return;
        }
    }
}
