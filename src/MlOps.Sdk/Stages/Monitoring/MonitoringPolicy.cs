using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>The monitors of a lifecycle, and how measurements become verdicts. Immutable and thread-safe.</summary>
internal sealed class MonitoringPolicy(MonitoringPlan plan, IServiceProvider? services)
{
    private readonly IDriftMonitor[] _monitors = [.. plan.Monitors.Select(create => create(services))];

    public IReadOnlyList<IAlertSink> Sinks { get; } = [.. plan.Sinks.Select(create => create(services))];

    public RetrainingRule? Retraining => plan.Retraining;

    public TimeSpan AlertCooldown => plan.AlertCooldown;

    public int MinimumRows => plan.MinimumRows;

    public async Task<IReadOnlyList<MonitoringFinding>> JudgeAsync(MonitoringWindow window, CancellationToken ct)
    {
        var measured = new List<(string Monitor, Measurement Measurement)>();
        foreach (var monitor in _monitors)
        {
            foreach (var measurement in await monitor.MeasureAsync(window, ct).ConfigureAwait(false)) measured.Add((monitor.Name, measurement));
        }

        // False discoveries are controlled over everything that was asked of this window.
        var adjusted = MultipleTesting.Adjust([.. measured.Select(m => m.Measurement is { NotMeasured: null, PValue: { } p } ? p : double.NaN)], plan.Correction);
        return [.. measured.Select((m, i) => new MonitoringFinding(m.Monitor, m.Measurement, double.IsNaN(adjusted[i]) ? null : adjusted[i], Judge(m.Measurement, adjusted[i])))];
    }

    private MonitoringVerdict Judge(Measurement measurement, double adjusted)
    {
        if (measurement.NotMeasured is not null) return MonitoringVerdict.NotEnoughData;
        var isSignificant = measurement.PValue is null || adjusted < plan.SignificanceLevel;
        return isSignificant && measurement.EffectSize >= measurement.Material ? MonitoringVerdict.Changed : MonitoringVerdict.Stable;
    }
}
