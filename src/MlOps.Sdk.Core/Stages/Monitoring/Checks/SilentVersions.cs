using MlOps.Sdk.Deployment;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Finds the versions that no window of a check is about, and that are to be judged by what is recorded alone: their calls all fail, so
/// that they give no prediction, or nobody calls the model any more.
/// </summary>
internal sealed class SilentVersions(string model, MonitoringServices services)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1);

    /// <param name="policy">The policy.</param>
    /// <param name="start">What was stored when the check began.</param>
    /// <param name="reports">The reports of the check.</param>
    /// <param name="before">The time of the newest report of the checks before; <see langword="null"/> when there is none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The versions, the live one last.</returns>
    public async Task<IReadOnlyList<int>> FindAsync(
        MonitoringPolicy policy,
        CheckStart start,
        IReadOnlyList<MonitoringReport> reports,
        DateTimeOffset? before,
        CancellationToken cancellationToken)
    {
        if (!policy.WatchesRecords) return [];
        var now = services.Time.GetUtcNow();
        var kind = (start.Windows is null ? MonitoringWindows.SinceLastCheck : MonitoringWindows.Parse(start.Windows))?.Kind;
        var live = (await services.FindPromotedLabels(model, cancellationToken).ConfigureAwait(false))?.Version;
        var found = new List<int>();
        var since = before is { } at
            ? Ticks.Subtract(at, s_silence)
            : await services.Calls.FirstAsync(model, cancellationToken).ConfigureAwait(false) ?? now;
        foreach (var version in (await CallsAsync(since, now, cancellationToken).ConfigureAwait(false)).Keys.Order())
        {
            if (reports.All(report => report.Version != version)
                && (kind is WindowKind.SinceLastCheck or WindowKind.Count || start.Panes.All(pane => pane.Version != version))
                && await FailsAsync(version, now, policy.MinimumRows, cancellationToken).ConfigureAwait(false))
            {
                found.Add(version);
            }
        }

        // Labels come late, and a model that nobody calls any more is a change.
        if (live is { } promoted && (found.Remove(promoted) || (reports.Count == 0 && IsSilent(kind, start.Panes, now))))
        {
            found.Add(promoted);
        }

        return found;
    }

    // As few failures as predictions that a window is not judged for are left to the next check.
    private async Task<bool> FailsAsync(int version, DateTimeOffset now, int fewest, CancellationToken cancellationToken)
    {
        var judged = await services.Reports.LastEndAsync(model, version, cancellationToken).ConfigureAwait(false);
        var from = judged is { } end
            ? Ticks.ToTime(end)
            : await services.Calls.FirstAsync(model, cancellationToken).ConfigureAwait(false) ?? now;
        var calls = await CallsAsync(from, now, cancellationToken).ConfigureAwait(false);
        return calls.GetValueOrDefault(version) is { } counts && counts.Failed + counts.Refused >= fewest;
    }

    // With those of the minute of the check.
    private Task<IReadOnlyDictionary<int, CallCounts>> CallsAsync(
        DateTimeOffset from, DateTimeOffset now, CancellationToken cancellationToken) =>
        services.Calls.ReadAsync(model, from, Ticks.Add(now, s_silence), cancellationToken);

    // A window of a fixed period that is open is judged at its end: more looks would take of the level that it has then. One by count has
    // no end while every call fails.
    private static bool IsSilent(WindowKind? kind, IReadOnlyList<PaneRow> panes, DateTimeOffset now) =>
        panes.Count == 0
        || kind == WindowKind.SinceLastCheck
        || (kind == WindowKind.Count && panes.Max(pane => pane.LastAt) < Ticks.Subtract(now, s_silence).UtcTicks);
}
