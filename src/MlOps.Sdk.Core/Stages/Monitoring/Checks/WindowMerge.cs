using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Merges what processes stored of a window. One caller at a time.</summary>
/// <param name="model">The model.</param>
/// <param name="services">The store and the log.</param>
/// <param name="findShape">What a window of a version counts; <see langword="null"/> where its package is gone or cannot be read.</param>
internal sealed class WindowMerge(
    string model, MonitoringServices services, Func<int, CancellationToken, Task<WindowShape?>> findShape)
{
    // Damaged parts stay until their window ends, for its report to count them.
    private readonly HashSet<long> _logged = [];

    /// <summary>Takes the parts of a window, and merges those of each version.</summary>
    /// <returns>A window per version, by version; versions of which nothing can be read are left out.</returns>
    public async Task<(IReadOnlyList<MergedWindow> Windows, IReadOnlyList<PaneRow> Taken)> TakeAsync(
        DueWindow due, int minimumRows, CancellationToken cancellationToken)
    {
        var taken = await services.Panes.SealAsync([.. due.Panes.Select(pane => pane.No)], cancellationToken).ConfigureAwait(false);
        var merged = new List<MergedWindow>();
        foreach (var panes in taken.GroupBy(pane => pane.Version).OrderBy(panes => panes.Key))
        {
            if (await findShape(panes.Key, cancellationToken).ConfigureAwait(false) is not { } shape)
            {
                MonitoringLog.WindowWithoutPackage(services.Logger, panes.Sum(pane => pane.Rows), model, panes.Key);
                continue;
            }

            if (Merge([.. panes], shape, due, minimumRows) is { } window) merged.Add(window);
        }

        return (merged, taken);
    }

    private MergedWindow? Merge(PaneRow[] panes, WindowShape shape, DueWindow due, int minimumRows)
    {
        var window = new MonitoringWindow(model, panes[0].Version, shape, minimumRows);
        var (read, unreadable) = (new List<PaneRow>(), 0L);
        foreach (var pane in panes)
        {
            try
            {
                window.Merge(PaneFile.Read(pane.Profiles, model, pane.Version, shape, minimumRows));
                read.Add(pane);
            }
            catch (Exception e) when (e is MlOpsException || StoredRecord.IsDamage(e))
            {
                // One damaged part must not end monitoring.
                if (_logged.Add(pane.No)) MonitoringLog.PaneUnreadable(services.Logger, pane.Rows, model, pane.Version, e);
                unreadable += pane.Rows;
            }
        }

        if (window.RowCount == 0) return null;
        var (first, last) = (read.Min(pane => pane.FirstAt), read.Max(pane => pane.LastAt));
        (window.From, window.To) = due.Bounds ?? (Ticks.ToTime(first), Ticks.ToTime(last + 1));
        return new MergedWindow
        {
            Window = window,
            Shape = shape,
            FirstAt = first,
            LastAt = last,
            Marks = PaneMarks.Join(read.Select(pane => pane.Marks)),
            UnreadableRows = unreadable,
            Panes = [.. panes.Select(pane => pane.No)],
            Readable = [.. read.Select(pane => pane.No)],
        };
    }
}
