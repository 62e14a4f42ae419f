using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Stores what the counters of this process count, by the minute, every few seconds and on request, so that whoever judges a version
/// sees the calls of all processes. Counts are kept for 30 days. Thread-safe.
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
            _counters.Add(new Counted(counter, string.Create(CultureInfo.InvariantCulture, $"{_process}/{++_owners}"), time.GetUtcNow()));
            if (!_stop.IsCancellationRequested) _storing ??= Task.Run(() => StoreForeverAsync(_stop.Token));
        }

        return counter;
    }

    /// <summary>Stores what was counted until now.</summary>
    public Task StoreAsync(CancellationToken cancellationToken) => StoreAsync(isCut: false, cancellationToken);

    /// <summary>Stores what was counted until now, and begins a new count: whoever reads from now on reads nothing of before.</summary>
    public Task CutAsync(CancellationToken cancellationToken) => StoreAsync(isCut: true, cancellationToken);

    private async Task StoreAsync(bool isCut, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Counted[] counters;
            lock (_counters) counters = [.. _counters];
            var now = time.GetUtcNow();
            var final = Array.FindAll(counters, counted => counted.Counter.IsClosed);
            ServedCallRow[] rows = [.. counters.Select(counted => counted.Read()).OfType<ServedCallRow>()];
            if (rows.Length > 0) await table.StoreAsync(rows, now - s_kept, cancellationToken).ConfigureAwait(false);
            Array.ForEach(counters, counted => counted.Accept(now, isCut));

            // What was closed before it was read counts no more.
            lock (_counters) _counters.RemoveAll(final.Contains);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// The calls of versions of a model that were counted from a time on. Other processes count by the minute: what they counted in the
    /// minute that the time lies in is left out.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, CallCounts>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        var counts = new Dictionary<int, CallCounts>();
        foreach (var row in await table.ReadAsync(model, from, until, cancellationToken).ConfigureAwait(false))
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

    /// <summary>A counter, what of it is stored, and what of that was counted before the present start.</summary>
    private sealed class Counted(CallCounter counter, string owner, DateTimeOffset start)
    {
        private DateTimeOffset _start = start;
        private CallCounts _before = new();
        private CallCounts _stored = new();
        private CallCounts _read = new();
        private int _turnedBack;

        public CallCounter Counter => counter;

        /// <summary>The counts since the present start; <see langword="null"/> when nothing came since they were stored.</summary>
        public ServedCallRow? Read()
        {
            _read = counter.Read();
            if (_read.Total == _stored.Total) return null;
            var counts = new CallCounts();
            counts.Add(_read);
            counts.Add(_before, -1);
            return new ServedCallRow
            {
                Model = counter.Model,
                Version = counter.Version,
                Owner = string.Create(CultureInfo.InvariantCulture, $"{owner}/{_turnedBack}"),
                Start = _start.UtcTicks,
                Counts = counts.ToBytes(),
            };
        }

        /// <summary>Says that what was read is stored: each minute, and where it is cut, a new count begins.</summary>
        public void Accept(DateTimeOffset now, bool isCut)
        {
            _stored = _read;
            var minute = MinuteOf(now);
            if (!isCut && minute == MinuteOf(_start)) return;

            // A clock that was set back must not write over what was counted then before.
            if (now <= _start) _turnedBack++;
            (_start, _before) = (isCut ? now : minute, _stored);
        }

        private static DateTimeOffset MinuteOf(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerMinute));
    }
}
