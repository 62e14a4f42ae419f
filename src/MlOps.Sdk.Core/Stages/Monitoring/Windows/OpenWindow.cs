using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>The window of one model that predictions are added to, until a check detaches it. Not thread-safe.</summary>
internal sealed class OpenWindow(string model, DateTimeOffset start)
{
    private MonitoringWindow? _window;
    private DateTimeOffset _start = start;

    /// <summary>
    /// Whether predictions of a version belong to a window: those of an older version that were still in progress belong to none any more.
    /// </summary>
    public bool Accepts(int version, bool isNewest) => isNewest || _window is null || _window.Version <= version;

    /// <summary>The window of a version; where it is another version's, a new one begins.</summary>
    public MonitoringWindow For(int version, ModelPackage package, int minimumRows, DateTimeOffset at)
    {
        if (_window is null || _window.Version != version)
        {
            _window = new MonitoringWindow(model, version, package, minimumRows);
            _start = at;
        }

        return _window;
    }

    /// <summary>The window of a model that is served elsewhere.</summary>
    public MonitoringWindow For(ElsewhereBaseline elsewhere, int minimumRows) => _window ??= MonitoringWindow.OfModelElsewhere(
        model, elsewhere.Baseline, elsewhere.Decision, elsewhere.Attributes, minimumRows);

    /// <summary>Takes the window out and begins the next; <see langword="null"/> when nothing was added.</summary>
    public DetachedWindow? Detach(DateTimeOffset now)
    {
        if (_window is not { RowCount: > 0 } window) return null;
        var detached = new DetachedWindow(window, _start, now);
        _window = null;
        _start = now;
        return detached;
    }

    /// <summary>
    /// Continues with a window that could not be judged: what was added since joins it. Where another version has gone live since, the
    /// window has ended.
    /// </summary>
    public void PutBack(DetachedWindow detached)
    {
        if (_window is { } since)
        {
            if (since.Version != detached.Window.Version) return;
            detached.Window.Merge(since);
        }

        _window = detached.Window;
        _start = detached.Start;
    }
}
