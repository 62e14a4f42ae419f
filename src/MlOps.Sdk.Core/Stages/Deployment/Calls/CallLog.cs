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

    // What was counted before a new count began, and is not stored yet.
    private readonly List<ServedCallRow> _left = [];
    private Task? _storing;
    private int _owners;

    /// <summary>Counters for a version that is to answer calls, from a generation of its route on.</summary>
    public VersionCalls NewCounters(string model, int version, long generation)
    {
        var calls = VersionCalls.Of(model, version);
        lock (_counters)
        {
            Add(calls.Routed, generation);
            Add(calls.Unrouted, RouteGeneration.None);
            if (!_stop.IsCancellationRequested) _storing ??= Task.Run(() => StoreForeverAsync(_stop.Token));
        }

        return calls;
    }

    /// <summary>
    /// Begins a new count where calls are divided otherwise from now on: what was counted until now belongs to the generation before. What
    /// cannot be stored is stored later.
    /// </summary>
    public async Task BeginAsync(string model, long generation)
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            Counted[] counters;
            lock (_counters) counters = [.. _counters.Where(counted => counted.Counter.Model == model)];
            var now = time.GetUtcNow();
            _left.AddRange(counters.Select(counted => counted.Begin(generation, now)).OfType<ServedCallRow>());
        }
        finally
        {
            _gate.Release();
        }
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
            var final = Array.FindAll(counters, counted => counted.Counter.IsClosed);
            ServedCallRow[] rows = [.. _left, .. counters.Select(counted => counted.Read(now)).OfType<ServedCallRow>()];
            if (rows.Length > 0) await table.StoreAsync(rows, now - s_kept, cancellationToken).ConfigureAwait(false);
            _left.Clear();
            Array.ForEach(counters, counted => counted.Accept());

            // What was closed before it was read counts no more.
            lock (_counters) _counters.RemoveAll(final.Contains);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Divides the counts of a model at a time, by keeping what all processes stored of its minute until now: what is read until this
    /// time, and what is read from it on, have no call in common, and none is in neither. What a time divided already stays so.
    /// </summary>
    public async Task MarkAsync(string model, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        await table.MarkAsync(model, at, MinuteOf(at), Sum, cancellationToken).ConfigureAwait(false);

        static IEnumerable<CallMark> Sum(IReadOnlyList<ServedCallRow> rows)
        {
            var counts = new Dictionary<int, CallCounts> { [0] = new() };
            Add(counts, rows.Select(row => (row.Version, row.Counts)));
            return counts.Select(sum => new CallMark { Version = sum.Key, Counts = sum.Value.ToBytes() });
        }
    }

    /// <summary>
    /// The calls of versions of a model that were counted between two times, also those that named their version. Counts are by the minute:
    /// those of both times count in full, unless they are divided at the time. The second time is not included.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, CallCounts>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        var counts = new Dictionary<int, CallCounts>();
        if (from >= to) return counts;
        var began = await table.MarksAsync(model, from, cancellationToken).ConfigureAwait(false);
        var ended = await table.MarksAsync(model, to, cancellationToken).ConfigureAwait(false);
        var until = ended.Count > 0 ? MinuteOf(to) : to;
        var rows = await table.ReadAsync(model, MinuteOf(from), until, cancellationToken).ConfigureAwait(false);
        Add(counts, rows.Select(row => (row.Version, row.Counts)));
        Add(counts, ended.Select(mark => (mark.Version, mark.Counts)));
        Add(counts, began.Select(mark => (mark.Version, mark.Counts)), -1);
        counts.Remove(0);
        return counts;
    }

    /// <summary>The calls that routes of some generations gave to the versions of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="from">A time before the first of them.</param>
    /// <param name="generations">The first generation, and the one after the last.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyDictionary<int, CallCounts>> ReadAsync(
        string model, DateTimeOffset from, (long From, long End) generations, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        var rows = await table.ReadAsync(model, from, DateTimeOffset.MaxValue, cancellationToken).ConfigureAwait(false);
        var counts = new Dictionary<int, CallCounts>();
        Add(counts, rows
            .Where(row => row.Generation >= generations.From && row.Generation < generations.End)
            .Select(row => (row.Version, row.Counts)));
        return counts;
    }

    private static void Add(Dictionary<int, CallCounts> to, IEnumerable<(int Version, byte[] Counts)> counts, int sign = 1)
    {
        foreach (var (version, bytes) in counts)
        {
            if (!to.TryGetValue(version, out var sum)) to.Add(version, sum = new CallCounts());
            sum.Add(CallCounts.Read(bytes), sign);
        }
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerMinute));

    /// <summary>The calls of all versions of a model in each of several times in a row, by the start of the minute of the count.</summary>
    /// <param name="model">The model.</param>
    /// <param name="from">The beginning of the first.</param>
    /// <param name="length">The length of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<long[]> TotalsAsync(
        string model, DateTimeOffset from, TimeSpan length, int count, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        var totals = new long[count];
        foreach (var row in await table.ReadAsync(model, from, from + (length * count), cancellationToken).ConfigureAwait(false))
        {
            totals[Math.Min(count - 1, (row.Start - from.UtcTicks) / length.Ticks)] += CallCounts.Read(row.Counts).Total;
        }

        return totals;
    }

    /// <summary>Since when the calls of a model are counted, as far as counts are kept; <see langword="null"/> when none was.</summary>
    public async Task<DateTimeOffset?> FirstAsync(string model, CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        return await table.FirstAsync(model, cancellationToken).ConfigureAwait(false) is { } first ? Ticks.ToTime(first) : null;
    }

    private void Add(CallCounter counter, long generation) => _counters.Add(new Counted(
        counter, string.Create(CultureInfo.InvariantCulture, $"{_process}/{++_owners}"), generation, time.GetUtcNow()));

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
    private sealed class Counted(CallCounter counter, string owner, long generation, DateTimeOffset start)
    {
        private DateTimeOffset _start = start;
        private long _generation = generation;
        private CallCounts _before = new();
        private CallCounts _stored = new();
        private CallCounts _read = new();
        private int _turnedBack;

        public CallCounter Counter => counter;

        /// <summary>
        /// The counts since the present start; <see langword="null"/> when nothing came since they were stored. Each minute a new count
        /// begins: what a check of that minute kept, and what is judged since, changes no more.
        /// </summary>
        public ServedCallRow? Read(DateTimeOffset now)
        {
            if (MinuteOf(now) != MinuteOf(_start)) BeginAt(MinuteOf(now));
            _read = counter.Read();
            if (_read.Total == _stored.Total) return null;
            var counts = new CallCounts();
            counts.Add(_read);
            counts.Add(_before, -1);
            return new ServedCallRow
            {
                Model = counter.Model,
                Version = counter.Version,
                Generation = _generation,
                Owner = string.Create(CultureInfo.InvariantCulture, $"{owner}/{_turnedBack}"),
                Start = _start.UtcTicks,
                Counts = counts.ToBytes(),
            };
        }

        /// <summary>Says that what was read is stored.</summary>
        public void Accept() => _stored = _read;

        /// <summary>Begins a new count for another generation.</summary>
        /// <returns>What is left of the count before; <see langword="null"/> when all is stored.</returns>
        public ServedCallRow? Begin(long generation, DateTimeOffset now)
        {
            if (_generation == generation || _generation == RouteGeneration.None) return null;
            var left = Read(now);
            (_stored, _generation) = (_read, generation);
            BeginAt(now);
            return left;
        }

        // A clock that was set back must not write over what was counted then before.
        private void BeginAt(DateTimeOffset time)
        {
            if (time <= _start) _turnedBack++;
            (_start, _before) = (time, _stored);
        }
    }
}
