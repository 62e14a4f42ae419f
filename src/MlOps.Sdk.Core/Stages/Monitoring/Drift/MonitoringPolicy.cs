using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
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

    /// <summary>Finds the column of the collected rows that labels are put into; <see langword="null"/> when there is none.</summary>
    public Func<CancellationToken, Task<Field?>> FindLabel { get; init; } = _ => Task.FromResult<Field?>(null);

    public IReadOnlyList<RetrainingRule> Retraining => plan.Retraining;

    public TimeSpan AlertCooldown => plan.AlertCooldown;

    public MonitoringWindows Windows => plan.Windows;

    public int MinimumRows => plan.MinimumRows;

    /// <summary>Whether labels or calls are monitored.</summary>
    public bool WatchesRecords => plan.WatchesRecords;

    public double AlarmBudget => plan.AlarmBudget;

    public double SignificanceLevel => plan.SignificanceLevel;

    /// <summary>The services of one check.</summary>
    public PluginScope CreateScope() => PluginServices.CreateScope(services);

    public Task<(IReadOnlyList<MonitoringFinding> Findings, IReadOnlyList<MonitorFailure> Failures)> JudgeAsync(
        MonitoringWindow window, IServiceProvider scoped, ILogger logger, CancellationToken cancellationToken) =>
        JudgeAsync(window, plan.SignificanceLevel, scoped, logger, cancellationToken);

    /// <param name="window">What is judged.</param>
    /// <param name="level">From which corrected p-value a change is significant.</param>
    /// <param name="scoped">The services of the check.</param>
    /// <param name="logger">Hears of monitors that fail.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task<(IReadOnlyList<MonitoringFinding> Findings, IReadOnlyList<MonitorFailure> Failures)> JudgeAsync(
        MonitoringWindow window, double level, IServiceProvider scoped, ILogger logger, CancellationToken cancellationToken)
    {
        var measured = new List<(string Monitor, Measurement Measurement)>();
        var failures = new List<MonitorFailure>();
        foreach (var create in plan.Monitors)
        {
            var name = "monitor";
            try
            {
                var found = await PluginPatience.CallAsync(
                    async () =>
                    {
                        var monitor = create(scoped);
                        name = monitor.Name;
                        return await monitor.MeasureAsync(window, cancellationToken).ConfigureAwait(false);
                    },
                    atWork =>
                    {
                        PluginServices.KeepUntil(scoped, atWork);
                        MonitoringLog.LeftBehind(logger, $"monitor '{name}'", window.Model);
                    },
                    cancellationToken).ConfigureAwait(false);
                measured.AddRange(Checked(found).Select(measurement => (name, measurement)));
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One that is broken must not keep the others from being heard.
                MonitoringLog.MonitorFailed(logger, name, window.Model, Secrets.Blank(e));
                failures.Add(new MonitorFailure(name, PrintableText.Clean(Secrets.Blank(e.Message))));
            }
        }

        var judged = Judge([.. measured.Select(m => m.Measurement)], plan.Correction, level);
        return (
            [
                .. measured.Select((m, i) => new MonitoringFinding(
                    m.Monitor, m.Measurement, double.IsNaN(judged[i].Adjusted) ? null : judged[i].Adjusted, judged[i].Verdict)),
            ],
            failures);
    }

    // What cannot be judged is not evidence that nothing changed.
    private static Measurement[] Checked(IReadOnlyList<Measurement> measurements)
    {
        if (measurements?.Any(measurement => measurement is null) != false)
        {
            throw new MlOpsException("It returned no measurement.", "Return a list, which may be empty, without null.");
        }
        if (measurements.FirstOrDefault(measurement => measurement.PValue is < 0 or > 1) is { } wrong)
        {
            throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"The p-value of '{PrintableText.Shorten(wrong.Subject)}' is {wrong.PValue}."),
                "Return a value between 0 and 1, or null if there is none.");
        }
        return
        [
            .. measurements.Select(Printable).Select(measurement => measurement.NotMeasured is not null ? measurement
                : measurement.PValue is double.NaN ? measurement with { NotMeasured = "Its p-value is undefined." }
                : double.IsNaN(measurement.EffectLower ?? measurement.EffectSize) || double.IsNaN(measurement.Material)
                    ? measurement with { NotMeasured = "Its effect is undefined." }
                : measurement),
        ];
    }

    // Subjects and notes name levels and groups, which are values that callers send; they come to logs, alerts, the audit log and pages.
    private static Measurement Printable(Measurement measurement) => measurement with
    {
        Subject = PrintableText.Clean(measurement.Subject),
        Statistic = PrintableText.Clean(measurement.Statistic),
        Effect = PrintableText.Clean(measurement.Effect),
        NotMeasured = measurement.NotMeasured is { } reason ? PrintableText.Clean(reason) : null,
        Note = measurement.Note is { } note ? PrintableText.Clean(note) : null,
    };

    /// <summary>Judges what was measured of one window together: false discoveries are controlled over everything that was asked.</summary>
    public static (double Adjusted, MonitoringVerdict Verdict)[] Judge(Measurement[] measured, Correction correction, double level)
    {
        var adjusted = MultipleTesting.Adjust([.. measured.Select(measurement => measurement.PValue ?? double.NaN)], correction);
        return [.. measured.Select((measurement, i) => (adjusted[i], Judge(measurement, adjusted[i], level)))];
    }

    private static MonitoringVerdict Judge(Measurement measurement, double adjusted, double level)
    {
        // A statistic without a p-value is judged by its effect alone; one that could not be measured is not evidence.
        var isSignificant = measurement.PValue is null ? measurement.NotMeasured is null : adjusted < level;
        if (isSignificant && (measurement.EffectLower ?? measurement.EffectSize) >= measurement.Material) return MonitoringVerdict.Changed;
        return measurement.NotMeasured is null ? MonitoringVerdict.Stable : MonitoringVerdict.NotEnoughData;
    }
}
