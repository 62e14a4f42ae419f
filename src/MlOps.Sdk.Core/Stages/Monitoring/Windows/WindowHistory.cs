using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Reads the windows of a model, with how many of their predictions have a label by now.</summary>
internal sealed class WindowHistory(string model, MonitoringServices services)
{
    public async Task<IReadOnlyList<PredictionWindow>> ReadAsync(int limit, CancellationToken cancellationToken)
    {
        var windows = new List<PredictionWindow>();
        var counts = new WindowCounts(model, services);
        var panes = await services.Panes.OpenAsync(model, cancellationToken).ConfigureAwait(false);
        var open = panes.GroupBy(pane => (pane.Windows, pane.Key, pane.Version));
        foreach (var window in open.OrderByDescending(window => window.Max(pane => pane.LastAt)))
        {
            var (first, last) = (window.Min(pane => pane.FirstAt), window.Max(pane => pane.LastAt));
            var (labelled, arms) = await counts.CountAsync(
                window.Key.Version,
                PaneMarks.Join(window.Select(pane => pane.Marks)),
                first,
                last,
                cancellationToken).ConfigureAwait(false);
            var declared = MonitoringWindows.Parse(window.Key.Windows);
            var (from, to) = declared?.BoundsOf(window.Key.Key) ?? (Ticks.ToTime(first), Ticks.ToTime(last + 1));
            windows.Add(new PredictionWindow
            {
                Version = window.Key.Version,
                Kind = declared?.Kind ?? WindowKind.SinceLastCheck,
                Period = declared?.Period,
                TimeZone = declared?.TimeZone,
                From = from,
                To = to,
                Rows = window.Sum(pane => pane.Rows),
                Labelled = labelled,
                Arms = arms,
                Versions =
                [
                    .. panes.Where(pane => (pane.Windows, pane.Key) == (window.Key.Windows, window.Key.Key))
                        .GroupBy(pane => pane.Version)
                        .OrderBy(version => version.Key)
                        .Select(version => new VersionRows(version.Key, version.Sum(pane => pane.Rows))),
                ],
            });
        }

        foreach (var verdict in await services.Reports.EndedAsync(model, limit, cancellationToken).ConfigureAwait(false))
        {
            if (MonitoringJson.ReadReport(verdict).Window is not { } window) continue;
            var (labelled, _) = await counts.CountAsync(
                window.Version, verdict.Marks ?? "", verdict.WindowStart.UtcTicks, verdict.WindowEnd.UtcTicks,
                cancellationToken).ConfigureAwait(false);
            windows.Add(window with { Labelled = labelled });
        }

        return windows;
    }
}
