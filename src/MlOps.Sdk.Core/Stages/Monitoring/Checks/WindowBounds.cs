using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Bounds windows that no calendar bounds: each begins where the one before of its version ended, so that calls that fail before the first
/// prediction count in it, and none counts in two.
/// </summary>
internal sealed class WindowBounds(string model, MonitoringServices services)
{
    // The clocks of processes differ by less. Where one was set back by more, a window begins with its first prediction.
    private static readonly TimeSpan s_clocks = TimeSpan.FromMinutes(1);

    /// <summary>Bounds windows that are judged now, and divides the calls of their model where they end.</summary>
    /// <param name="kind">The kind of the windows.</param>
    /// <param name="judged">The windows, with the bounds of their predictions.</param>
    /// <param name="now">The time of the check.</param>
    /// <param name="areCallsRead">Whether calls are read at all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SetAsync(
        WindowKind kind, IReadOnlyList<MergedWindow> judged, DateTimeOffset now, bool areCallsRead, CancellationToken cancellationToken)
    {
        var ends = new HashSet<DateTimeOffset>();
        if (kind is WindowKind.SinceLastCheck or WindowKind.Count)
        {
            foreach (var window in judged)
            {
                await BeginAsync(kind, window, Ticks.Add(now, s_clocks), cancellationToken).ConfigureAwait(false);
                if (kind == WindowKind.SinceLastCheck && window.Window.To < now) window.Window.To = now;
                ends.Add(window.Window.To);
            }
        }

        // What is judged without a window later begins at the time of this check, or where the window ended if that is later.
        if (judged.All(window => window.Window.From < now)) ends.Add(now);
        if (!areCallsRead) return;
        foreach (var end in ends) await services.Calls.MarkAsync(model, end, cancellationToken).ConfigureAwait(false);
    }

    // What another process stored after the end of the window before may have been predicted earlier. Its calls are counted from that end
    // on, too: from its first prediction on, calls of the window before would count again.
    private async Task BeginAsync(WindowKind kind, MergedWindow window, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        var before = kind == WindowKind.Count
            ? await services.Reports.LastWindowEndAsync(model, window.Version, cancellationToken).ConfigureAwait(false)
            : await services.Reports.BeginningAsync(model, window.Version, cancellationToken).ConfigureAwait(false);
        if (before is not { } end || end > latest.UtcTicks) return;
        window.Window.From = Ticks.ToTime(end);
        if (window.Window.To < window.Window.From) window.Window.To = window.Window.From;
    }
}
