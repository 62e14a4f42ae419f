using MlOps.Sdk.Packaging;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Judges contiguous blocks of the training rows against the others, from the counts that the baseline keeps: how often the monitors of a
/// lifecycle alarm where nothing changes but the time. Only distributions can be replayed so, without their sketches.
/// </summary>
internal static class BlockReplay
{
    /// <returns>What was found; <see langword="null"/> where there are too few rows, or no monitor of distributions.</returns>
    public static ReplayedWindows? Run(IReadOnlyList<IDriftMonitor> monitors, PackageBaseline baseline, MonitoringPlan plan)
    {
        DistributionMonitor[] replayed = [.. monitors.OfType<DistributionMonitor>()];
        var blocks = baseline.Inputs.Concat(baseline.Predictions).Select(column => column.Bins.Blocks.Blocks).DefaultIfEmpty(0).Min();
        if (replayed.Length == 0 || blocks == 0) return null;
        var group = (int)Math.Min(blocks, Math.Ceiling(plan.MinimumRows / ((double)baseline.RowCount / blocks)));
        var windows = blocks / group;
        if (windows < 2) return null;
        var alarms = 0;
        var subjects = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var window = 0; window < windows; window++)
        {
            Measurement[] measured =
            [
                .. replayed.SelectMany(monitor => monitor.Replay(baseline, window * group, (window + 1) * group)),
            ];
            var verdicts = MonitoringPolicy.Judge(measured, plan.Correction, plan.SignificanceLevel);
            string[] changed =
            [
                .. measured.Where((_, i) => verdicts[i].Verdict == MonitoringVerdict.Changed).Select(m => m.Subject).Distinct(),
            ];
            if (changed.Length > 0) alarms++;
            foreach (var subject in changed) subjects[subject] = subjects.GetValueOrDefault(subject) + 1;
        }

        return new ReplayedWindows(
            windows,
            baseline.RowCount * group / blocks,
            alarms,
            [
                .. subjects.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
                    .Select(entry => entry.Key),
            ]);
    }

    /// <summary>Whether there are more alarms than the significance level lets expect, beyond chance.</summary>
    public static bool AlarmsTooOften(ReplayedWindows replayed, double significanceLevel) =>
        Intervals.Wilson(replayed.Alarms, replayed.Windows, 0.98).Lower > significanceLevel;
}
