using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Stores what the counters of this process count, by minute, every few seconds and when it is asked, so that whoever judges a version sees
/// the calls of all processes. Counts are kept for 30 days. Thread-safe.
/// </summary>
internal sealed class CallLog(ServedCallTable table, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly List<Counted> _counters = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task? _storing;
    private int _owners;

    /// <summary>A counter for a version that goes live.</summary>
    public CallCounter NewCounter(string model, int version)
    {
        var counter = new CallCounter(model, version);
        lock (_counters)
        {
            _counters.Add(new Counted(counter, string.Create(CultureInfo.InvariantCulture, $"{_process}/{++_owners}")));
            if (!_stop.IsCancellationRequested) _storing ??= Task.Run(() => StoreForeverAsync(_stop.Token));
        }

        return counter;
    }

    /// <summary>Stores what was counted until now.</summary>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Counted[] counters;
            lock (_counters) counters = [.. _counters];
            var now = time.GetUtcNow();
            var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
            var final = Array.FindAll(counters, counted => counted.Counter.IsClosed);
            var rows = counters.Select(counted => (Counted: counted, Row: counted.Advance(minute))).Where(pair => pair.Row is not null)
                .ToArray();
            if (rows.Length > 0)
            {
                await table.StoreAsync([.. rows.Select(pair => pair.Row!)], now - s_kept, cancellationToken).ConfigureAwait(false);
                foreach (var (counted, _) in rows) counted.Accept();
            }

            // What was closed before it was read counts no more.
            lock (_counters) _counters.RemoveAll(final.Contains);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>All calls of versions of a model from a time on: the minute that it lies in belongs to them.</summary>
    public async Task<IReadOnlyDictionary<int, CallCounts>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        var counts = new Dictionary<int, CallCounts>();
        var first = from.AddTicks(-(from.UtcTicks % TimeSpan.TicksPerMinute));
        foreach (var row in await table.ReadAsync(model, first, until, cancellationToken).ConfigureAwait(false))
        {
            if (!counts.TryGetValue(row.Version, out var sum)) counts.Add(row.Version, sum = new CallCounts());
            sum.Add(CallCounts.Read(row.Counts));
        }

        return counts;
    }

    /// <summary>Stores what is left. Whoever counts later counts for nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task? storing;
        lock (_counters) storing = _storing;
        if (storing is not null) await storing.ConfigureAwait(false);
        await TryStoreAsync(CancellationToken.None).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task StoreForeverAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await TryStoreAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposal stores what is left.
        }
    }

    // Counters keep what could not be stored.
    private async Task TryStoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StoreAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            DeploymentLog.CallsNotStored(logger, Secrets.Blank(e));
        }
    }

    /// <summary>A counter, what of it is stored, and what belongs to minutes before.</summary>
    private sealed class Counted(CallCounter counter, string owner)
    {
        private CallCounts _before = new();
        private CallCounts _stored = new();
        private CallCounts _read = new();
        private DateTimeOffset _minute;
        private int _turnedBack;

        public CallCounter Counter => counter;

        /// <summary>The counts of a minute, which include what was not stored before; <see langword="null"/> when nothing came.</summary>
        public ServedCallRow? Advance(DateTimeOffset minute)
        {
            _read = counter.Read();
            if (_read.Total == _stored.Total) return null;

            // A clock that was set back must not write over what was counted in that minute before.
            if (minute < _minute) _turnedBack++;
            if (minute != _minute) (_minute, _before) = (minute, _stored);
            var counts = new CallCounts();
            counts.Add(_read);
            counts.Add(_before, -1);
            return new ServedCallRow
            {
                Model = counter.Model,
                Version = counter.Version,
                Owner = string.Create(CultureInfo.InvariantCulture, $"{owner}/{_turnedBack}"),
                Minute = minute.UtcTicks,
                Counts = counts.ToBytes(),
            };
        }

        public void Accept() => _stored = _read;
    }
}
