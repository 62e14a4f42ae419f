using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Finds out which windows are to be judged now, and which parts came for one that was.</summary>
internal sealed class DueWindows
{
    // What processes recorded until then is stored.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    // A part that a crash kept from being stored would keep a window by count open for ever.
    private static readonly TimeSpan s_lost = TimeSpan.FromMinutes(1);

    // Each start of a process begins a part of its own.
    private const int MostPanes = 16;

    // A check ends in time whatever event times came: the others are judged by the next ones.
    private const int MostDue = 100;

    private readonly List<(long At, DueWindow Due)> _due = [];
    private readonly Dictionary<(string Windows, int Version), long> _latest = [];
    private readonly List<DueWindow> _crowded = [];
    private readonly List<PaneRow> _late = [];

    private DueWindows()
    {
    }

    /// <summary>The windows that are to be judged now, the oldest first.</summary>
    public IEnumerable<DueWindow> Due => _due.OrderBy(due => due.At).Take(MostDue).Select(due => due.Due);

    /// <summary>How many further ones are left to the next checks.</summary>
    public int Left => Math.Max(0, _due.Count - MostDue);

    /// <summary>Windows that are not judged yet, and have so many parts that these are to be merged.</summary>
    public IReadOnlyList<DueWindow> Crowded => _crowded;

    /// <summary>Parts of windows that are judged.</summary>
    public IReadOnlyList<PaneRow> Late => _late;

    public static DueWindows Find(CheckStart start, DateTimeOffset now)
    {
        var found = new DueWindows();
        var declared = start.Windows is null ? null : MonitoringWindows.Parse(start.Windows);
        foreach (var panes in start.Panes.GroupBy(pane => pane.Windows))
        {
            var windows = MonitoringWindows.Parse(panes.Key);
            if (windows?.Text is { } text && text == (declared ?? MonitoringWindows.SinceLastCheck).Text)
            {
                found.Add(windows, [.. panes], start.Progress.GetValueOrDefault(text) ?? [], now);
                continue;
            }

            // Nobody adds to the windows of an earlier declaration any more.
            foreach (var window in panes.GroupBy(pane => pane.Key).OrderBy(window => window.Key))
            {
                found.AddDue(new DueWindow(
                    panes.Key, windows, window.Key, windows?.BoundsOf(window.Key), HasEnded: true, 0, [.. window]));
            }
        }

        var taken = found._due.SelectMany(due => due.Due.Panes).Concat(found._late).Select(pane => pane.No).ToHashSet();
        foreach (var window in start.Panes.Where(pane => !taken.Contains(pane.No)).GroupBy(pane => (pane.Windows, pane.Key, pane.Version)))
        {
            if (window.Count() <= MostPanes) continue;
            found._crowded.Add(new DueWindow(
                window.Key.Windows, null, window.Key.Key, null, HasEnded: false, 0, [.. window]));
        }

        return found;
    }

    private void Add(MonitoringWindows windows, PaneRow[] panes, IReadOnlyList<WindowProgress> progress, DateTimeOffset now)
    {
        switch (windows.Kind)
        {
            case WindowKind.Count:
                AddCounted(windows, panes, progress, now);
                break;
            case WindowKind.Calendar:
                AddTimed(windows, panes, progress, Ticks.Subtract(now, s_grace).UtcTicks);
                break;
            case WindowKind.EventTime:
                if (progress.FirstOrDefault(of => of.Version == 0)?.Newest is { } newest)
                {
                    // An event time that a wrong clock let through must not close the windows of everybody.
                    AddTimed(windows, panes, progress, Math.Min(newest, now.UtcTicks) - windows.Lateness!.Value.Ticks);
                }

                break;
            default:
                AddDue(new DueWindow(windows.Text, windows, 0, null, HasEnded: false, 0, panes));
                break;
        }
    }

    // They come in their order: one that is judged ends those before it.
    private void AddDue(DueWindow due)
    {
        var key = (due.Windows, due.ProgressVersion);
        var at = due.Bounds?.From.UtcTicks ?? due.Panes.Min(pane => pane.FirstAt);
        if (_latest.TryGetValue(key, out var latest)) at = Math.Max(at, latest);
        _latest[key] = at;
        _due.Add((at, due));
    }

    private void AddTimed(MonitoringWindows windows, PaneRow[] panes, IReadOnlyList<WindowProgress> progress, long until)
    {
        var judged = progress.FirstOrDefault(of => of.Version == 0)?.Judged;
        foreach (var window in panes.GroupBy(pane => pane.Key).OrderBy(window => window.Key))
        {
            if (window.Key < judged) _late.AddRange(window);
            else if (windows.BoundsOf(window.Key) is { } bounds && bounds.To.UtcTicks <= until)
            {
                AddDue(new DueWindow(windows.Text, windows, window.Key, bounds, HasEnded: true, 0, [.. window]));
            }
        }
    }

    private void AddCounted(MonitoringWindows windows, PaneRow[] panes, IReadOnlyList<WindowProgress> progress, DateTimeOffset now)
    {
        var rows = windows.Rows!.Value;
        foreach (var window in panes.GroupBy(pane => (pane.Version, pane.Key)).OrderBy(window => window.Key.Key))
        {
            var ofVersion = progress.FirstOrDefault(of => of.Version == window.Key.Version);
            if (window.Key.Key < ofVersion?.Judged)
            {
                _late.AddRange(window);
                continue;
            }

            var isWhole = window.Sum(pane => pane.Rows) >= rows
                || (ofVersion?.Counted >= (window.Key.Key + 1) * rows
                    && window.Max(pane => pane.StoredAt) < Ticks.Subtract(now, s_lost).UtcTicks);
            if (!isWhole) continue;
            AddDue(new DueWindow(
                windows.Text, windows, window.Key.Key, null, HasEnded: true, window.Key.Version, [.. window]));
        }
    }
}
