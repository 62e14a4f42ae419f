using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The monitors of a lifecycle, and how measurements become verdicts. It outlives the run that made it: plug-ins named by type come from a
/// scope per check. Immutable and thread-safe.
/// </summary>
internal sealed class MonitoringPolicy(MonitoringPlan plan, IServiceProvider? services)
{
    public IReadOnlyList<Func<IServiceProvider, IAlertSink>> Sinks => plan.Sinks;

    public RetrainingRule? Retraining => plan.Retraining;

    public TimeSpan AlertCooldown => plan.AlertCooldown;

    public int MinimumRows => plan.MinimumRows;

    /// <summary>The services of one check.</summary>
    public AsyncServiceScope CreateScope() => PluginServices.CreateScope(services);

    public async Task<(IReadOnlyList<MonitoringFinding> Findings, IReadOnlyList<MonitorFailure> Failures)> JudgeAsync(
        MonitoringWindow window, IServiceProvider scoped, ILogger logger, CancellationToken cancellationToken)
    {
        var measured = new List<(string Monitor, Measurement Measurement)>();
        var failures = new List<MonitorFailure>();
        foreach (var create in plan.Monitors)
        {
            var name = "monitor";
            try
            {
                var monitor = create(scoped);
                name = monitor.Name;
                measured.AddRange((await monitor.MeasureAsync(
                    window,
                    cancellationToken).ConfigureAwait(false)).Select(measurement => (name, measurement)));
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One that is broken must not keep the others from being heard.
                MonitoringLog.MonitorFailed(logger, name, window.Model, Secrets.Blank(e));
                failures.Add(new MonitorFailure(name, Secrets.Blank(e.Message)));
            }
        }

        // False discoveries are controlled over everything that was asked of this window.
        var adjusted = MultipleTesting.Adjust(
            [.. measured.Select(m => m.Measurement.PValue ?? double.NaN)],
            plan.Correction);
        return (
            [.. measured.Select((m, i) => new MonitoringFinding(
                m.Monitor, m.Measurement, double.IsNaN(adjusted[i]) ? null : adjusted[i], Judge(m.Measurement, adjusted[i])))],
            failures);
    }

    private MonitoringVerdict Judge(Measurement measurement, double adjusted)
    {
        // A statistic without a p-value is judged by its effect alone; one that could not be measured is no evidence.
        var isSignificant = measurement.PValue is null ? measurement.NotMeasured is null : adjusted < plan.SignificanceLevel;
        if (isSignificant && (measurement.EffectLower ?? measurement.EffectSize) >= measurement.Material) return MonitoringVerdict.Changed;
        return measurement.NotMeasured is null ? MonitoringVerdict.Stable : MonitoringVerdict.NotEnoughData;
    }
}
