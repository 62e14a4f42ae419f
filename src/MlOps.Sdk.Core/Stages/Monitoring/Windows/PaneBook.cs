using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The parts of windows that this process adds to, for one model: finds the window of each prediction, and stores what was added.
/// Not thread-safe.
/// </summary>
internal sealed class PaneBook(string model, PaneTable table, TimeProvider time)
{
    /// <summary>How long a part that nothing is added to is kept: a month, and the longest lateness.</summary>
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(62);

    // Each holds profiles twice. Where more are added to, these are stored before the next one begins. Of what is not added to any more,
    // the oldest are let go: they are stored, and a check merges them.
    private const int MostPanes = 32;

    private readonly string _owner = Guid.NewGuid().ToString("N");
    private readonly Dictionary<(string Windows, long Key, int Version), OpenPane> _panes = [];
    private MonitoringWindows? _toDeclare;
    private CalendarGrid? _grid;
    private long? _newest;
    private long _late;
    private long _untimed;
    private long _stores;
    private int _fresh;

    /// <summary>The windows that predictions are put into; <see langword="null"/> before they are known.</summary>
    private MonitoringWindows? Windows { get; set; }

    // Where no lifecycle ever watched the model, nobody will check it: what is in memory is not stored.
    private bool IsDeclared { get; set; }

    /// <summary>The size of what was stored last, in bytes.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>
    /// Whether a prediction belongs to the windows only if its id was not there before, so that this must be known first.
    /// </summary>
    public bool CountsInOrder => Windows!.Kind is WindowKind.Count or WindowKind.EventTime;

    /// <summary>Whether windows are to be declared still.</summary>
    public bool IsToDeclare => Volatile.Read(ref _toDeclare) is not null;

    /// <summary>Declares the windows that a lifecycle says; any thread.</summary>
    public void Declare(MonitoringWindows windows) => Volatile.Write(ref _toDeclare, windows);

    /// <summary>Finds out which windows predictions are put into.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _toDeclare) is { } windows)
        {
            await table.DeclareAsync(model, windows.Text, cancellationToken).ConfigureAwait(false);
            Interlocked.CompareExchange(ref _toDeclare, null, windows);
            await TakeUpAsync(windows.Text, cancellationToken).ConfigureAwait(false);
        }
        else if (Windows is null)
        {
            await TakeUpAsync(
                await table.DeclaredAsync(model, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finds the windows of predictions of a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="shape">What a window of it counts.</param>
    /// <param name="rows">The inputs.</param>
    /// <param name="at">The time of each prediction, in ticks.</param>
    /// <param name="chosen">The rows that are to belong to windows.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed.</param>
    /// <returns>Per window its part, and its rows; the others belong to none.</returns>
    public async Task<IReadOnlyList<(OpenPane Pane, int[] Rows)>> AssignAsync(
        int version, WindowShape shape, RecordBatch rows, long[] at, int[] chosen, CancellationToken cancellationToken)
    {
        var count = Windows!.Kind == WindowKind.Count && chosen.Length > 0
            ? await table.CountOnAsync(model, Windows.Text, version, chosen.Length, cancellationToken).ConfigureAwait(false)
            : 0;
        var keys = new Dictionary<long, List<int>>();
        foreach (var row in chosen)
        {
            if (KeyOf(rows, row, at[row], count++) is not { } key) continue;
            if (!keys.TryGetValue(key, out var ofKey)) keys.Add(key, ofKey = []);
            ofKey.Add(row);
        }

        return [.. keys.Select(key => (PaneOf(key.Key, version, shape), key.Value.ToArray()))];
    }

    /// <summary>Whether what was added is to be stored before a part is added to, or the parts would take too much memory.</summary>
    public bool IsFullFor(OpenPane pane) => !pane.HasFresh && _fresh >= MostPanes;

    /// <summary>Adds predictions to their window.</summary>
    public void Add(OpenPane pane, RecordBatch rows, ReadOnlySpan<double> scores, int[] chosen, long[] at)
    {
        if (chosen.Length == 0) return;
        if (!pane.HasFresh) _fresh++;

        // It may have been let go since it was assigned, while others were stored.
        _panes[(pane.Windows, pane.Key, pane.Version)] = pane;
        var outputs = rows.RowCount == 0 ? 0 : scores.Length / rows.RowCount;
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var row in chosen) (first, last) = (Math.Min(first, at[row]), Math.Max(last, at[row]));
        if (chosen.Length == rows.RowCount)
        {
            pane.Add(rows, scores, first, last);
            return;
        }

        var ofRows = new double[chosen.Length * outputs];
        for (var i = 0; i < chosen.Length; i++) scores.Slice(chosen[i] * outputs, outputs).CopyTo(ofRows.AsSpan(i * outputs));
        pane.Add(rows.Take(chosen), ofRows, first, last);
    }

    /// <summary>Stores what was added since the last time.</summary>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        if (Windows is null) return;
        var fresh = _panes.Values.Where(pane => pane.HasFresh).ToArray();
        if (fresh.Length == 0 && _late == 0 && _untimed == 0) return;
        if (!IsDeclared)
        {
            await TakeUpAsync(
                await table.DeclaredAsync(model, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (!IsDeclared) return;
        }

        fresh = [.. fresh.Where(pane => pane.HasFresh)];
        var now = time.GetUtcNow();
        var parts = fresh.Select(pane => pane.Store(_owner, now)).ToArray();
        var stored = await table.StoreAsync(
            new PaneChanges
            {
                Model = model,
                Windows = Windows.Text,
                Panes = [.. parts.Select(part => (part.Whole, part.Fresh))],
                Newest = _newest,
                Late = _late,
                Untimed = _untimed,
                Forget = Ticks.Subtract(now, s_kept).UtcTicks,
            },
            cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].Accept(stored.Panes[i].No, stored.Panes[i].IsWhole);
            fresh[i].Used = _stores;
        }

        _fresh = 0;
        _stores++;
        StoredBytes = parts.Sum(part => (long)part.Whole.Profiles.Length);
        (_late, _untimed) = (0, 0);
        if (stored.Newest is { } newest) _newest = Math.Max(_newest ?? newest, newest);
        foreach (var key in _panes.OrderByDescending(pane => pane.Value.Used).Skip(MostPanes).Select(pane => pane.Key)
            .Concat(_panes.Where(pane => pane.Value.IsFull).Select(pane => pane.Key)).ToArray())
        {
            _panes.Remove(key);
        }

        if (stored.Windows != Windows.Text) await TakeUpAsync(stored.Windows, cancellationToken).ConfigureAwait(false);
    }

    private async Task TakeUpAsync(string? declared, CancellationToken cancellationToken)
    {
        // This library may not know what a newer one declared: then it does as if nothing were.
        var windows = (declared is null ? null : MonitoringWindows.Parse(declared)) ?? MonitoringWindows.SinceLastCheck;
        if (Windows?.Text != windows.Text)
        {
            // What belongs to the windows before is stored as theirs: the next check judges it.
            IsDeclared = declared is not null;
            await StoreAsync(cancellationToken).ConfigureAwait(false);
            if (Windows?.Text == windows.Text) return;
            _newest = windows.Kind == WindowKind.EventTime
                ? await table.NewestAsync(model, windows.Text, cancellationToken).ConfigureAwait(false)
                : null;
            Windows = windows;
            _panes.Clear();
            _grid = windows.Period is null ? null : windows.NewGrid();
        }

        IsDeclared = declared is not null;
    }

    private OpenPane PaneOf(long key, int version, WindowShape shape)
    {
        if (_panes.TryGetValue((Windows!.Text, key, version), out var pane) && pane.Fits(shape)) return pane;
        return _panes[(Windows.Text, key, version)] = new OpenPane(model, Windows, key, version, shape) { Used = _stores };
    }

    private long? KeyOf(RecordBatch rows, int row, long at, long count)
    {
        switch (Windows!.Kind)
        {
            case WindowKind.Count:
                return count / Windows.Rows!.Value;
            case WindowKind.Calendar:
                return _grid!.StartOf(at);
            case WindowKind.EventTime:
                return EventKeyOf(rows, row, at);
            default:
                return 0;
        }
    }

    private long? EventKeyOf(RecordBatch rows, int row, long at)
    {
        var lateness = Windows!.Lateness!.Value.Ticks;
        if (!rows.Schema.TryGetIndex(Windows.Column!, out var index)
            || rows.Columns[index] is not TimestampColumn times
            || times.IsNull(row)
            || times.GetTimestamp(row).Ticks is var ticks && (!CalendarGrid.Has(ticks) || ticks - lateness > at))
        {
            _untimed++;
            return null;
        }

        var start = _grid!.StartOf(ticks);
        if (_newest is { } newest && _grid.EndOf(start) <= Math.Min(newest, at) - lateness)
        {
            _late++;
            return null;
        }

        // A wrong clock elsewhere must not close the windows of the others.
        var seen = Math.Min(ticks, at);
        _newest = Math.Max(_newest ?? seen, seen);
        return start;
    }
}
