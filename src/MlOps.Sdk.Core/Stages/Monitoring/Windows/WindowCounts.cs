using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Counts what is recorded of the predictions of a window: their labels by now, and the arms as which a version answered.
/// </summary>
internal sealed class WindowCounts(string model, MonitoringServices services)
{
    private IReadOnlyList<TrafficSplit>? _divisions;

    /// <param name="version">The version.</param>
    /// <param name="marks">The marks of the predictions.</param>
    /// <param name="firstAt">The time of the first, in ticks.</param>
    /// <param name="lastAt">The time of the last, in ticks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(long Labelled, IReadOnlyList<ArmRows> Arms)> CountAsync(
        int version, string marks, long firstAt, long lastAt, CancellationToken cancellationToken)
    {
        var counts = await services.Panes.CountAsync(model, marks, firstAt, lastAt, cancellationToken).ConfigureAwait(false);
        if (counts.Count == 0) return (0, []);
        _divisions ??= await services.FindDivisions(model, cancellationToken).ConfigureAwait(false);
        return (
            counts.Sum(count => count.Labelled),
            [
                .. counts.GroupBy(count => ArmOf(version, count.Generation))
                    .Select(arm => new ArmRows(arm.Key, arm.Sum(count => count.Rows)))
                    .OrderByDescending(arm => arm.Rows).ThenBy(arm => arm.Arm, StringComparer.Ordinal),
            ]);
    }

    private string? ArmOf(int version, long generation)
    {
        if (generation < 0) return null;
        var division = _divisions!.FirstOrDefault(division => division.Generation == generation);
        return division?.Arms.FirstOrDefault(arm => arm.Version == version && !arm.IsShadow)?.Name ?? TrafficArm.Live;
    }
}
