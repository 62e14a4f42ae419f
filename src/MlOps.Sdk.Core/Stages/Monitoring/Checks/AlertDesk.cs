using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Handles a check that found a change: sends an alert where one is due, and requests a retraining where a rule says so.</summary>
internal sealed class AlertDesk(string model, MonitoringServices services)
{
    private const int FirstReports = 10;
    private const int EpisodeReports = 1_000;
    private const int NamedSubjects = 5;

    /// <returns>The report with what was sent and requested.</returns>
    public async Task<MonitoringReport> AnswerAsync(
        MonitoringPolicy policy, MonitoringReport report, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        if (!report.HasChanged) return report;
        var signals = report.Changes.Select(finding => finding.Measurement.Signal).Distinct().ToArray();
        var fresh = await FreshAsync(policy, report, cancellationToken).ConfigureAwait(false);
        var message = Describe(report, fresh);
        if (fresh.Count == 0)
        {
            MonitoringLog.StillChanged(services.Logger, message);
        }
        else
        {
            var alert = new Alert(PredictionId.New().ToString(), model, report.Version, report.At, signals, message)
            {
                Subjects = [.. report.Changes.Select(AlertSubject.Of).Distinct()],
            };
            await services.Reports.AppendAlertAsync(
                new AlertRow(alert.Id, model, report.At, "warning", string.Join(',', signals), message, "pending"),
                cancellationToken).ConfigureAwait(false);
            MonitoringLog.Changed(services.Logger, message);
            var failure = await SendAsync(policy, alert, scoped, cancellationToken).ConfigureAwait(false);
            await services.Reports.SetAlertStateAsync(
                alert.Id, failure is null ? "sent" : "failed", cancellationToken).ConfigureAwait(false);
            report = report with { Alert = alert, AlertFailure = failure };
        }

        if (policy.Retraining.FirstOrDefault(rule => signals.Contains(rule.Signal)) is { } rule)
        {
            var asking = rule.Signal;
            var trigger = await services.Retrainings.TryAppendAsync(
                model, report.At, $"{asking}: {message}", rule.Cooldown,
                connection => AuditLog.Append(
                    connection,
                    services.Time,
                    "monitor",
                    AuditLog.RetrainingRequested,
                    AuditedLooks.Prefix + model,
                    $"{asking}: {message}"),
                cancellationToken).ConfigureAwait(false);
            report = report with { AskedForRetraining = trigger is not null };
            if (trigger is not null) MonitoringLog.RetrainingAsked(services.Logger, model, asking);
        }

        return report;
    }

    private string Describe(MonitoringReport report, IReadOnlySet<(Signal Signal, string Subject)> fresh)
    {
        var changes = report.Changes.OrderByDescending(finding => fresh.Contains(Key(finding))).ToArray();
        var named = changes.Take(NamedSubjects).Select(finding => string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Measurement.Subject} ({finding.Measurement.Statistic}, {finding.Measurement.Effect} " +
                $"{finding.Measurement.EffectSize:0.###})"));
        var others = changes.Length > NamedSubjects ? $" and {Prose.Count(changes.Length - NamedSubjects)} more" : "";
        return $"{model} version {report.Version}: {Prose.Count(changes.Length)} of {Prose.Count(report.Findings.Count)} measurements " +
            $"changed over {Prose.Count(report.Rows)} predictions: {string.Join(", ", named)}{others}.";
    }

    /// <returns>Which sinks failed, and how; <see langword="null"/> when none did.</returns>
    private async Task<string?> SendAsync(
        MonitoringPolicy policy, Alert alert, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var create in policy.Sinks)
        {
            var name = "a sink that could not be created";
            try
            {
                await PluginPatience.CallAsync(
                    async () =>
                    {
                        var sink = create(scoped);
                        name = sink.GetType().Name;
                        await sink.SendAsync(alert, cancellationToken).ConfigureAwait(false);
                        return true;
                    },
                    () => MonitoringLog.LeftBehind(services.Logger, $"alert sink {name}", model),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                MonitoringLog.AlertFailed(services.Logger, name, Secrets.Blank(e));
                failures.Add($"{name}: {Secrets.Blank(e.Message)}");
            }
        }

        return failures.Count == 0 ? null : string.Join("; ", failures);
    }

    /// <summary>
    /// The changes that an alert is due for: those of no episode. One begins with an alert of a signal's subject, and ends with a check
    /// that could tell that the subject did not change, with another version, or with the cooldown.
    /// </summary>
    private async Task<HashSet<(Signal Signal, string Subject)>> FreshAsync(
        MonitoringPolicy policy, MonitoringReport report, CancellationToken cancellationToken)
    {
        var open = report.Changes.Select(Key).ToHashSet();
        var last = await services.Reports.AlertsAsync(model, null, 1, cancellationToken).ConfigureAwait(false);
        if (last.Count == 0 || HasCooled(last[0].At)) return open;

        // The newest report decides nearly always; only a long episode is read far back.
        var fresh = new HashSet<(Signal, string)>();
        var seen = 0;
        for (var limit = FirstReports; limit <= EpisodeReports && open.Count > 0; limit *= 10)
        {
            var rows = await services.Reports.VerdictsAsync(model, null, limit, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows.Skip(seen).TakeWhile(_ => open.Count > 0))
            {
                if (row.Version != report.Version) return [.. fresh, .. open];
                MonitoringReport previous;
                try
                {
                    previous = MonitoringJson.ReadReport(row);
                }
                catch (MlOpsException e)
                {
                    // One damaged report must not end monitoring.
                    MonitoringLog.ReportUnreadable(services.Logger, model, e);
                    continue;
                }
                var ended = previous.Findings.Where(finding => finding.Verdict == MonitoringVerdict.Stable).Select(Key).ToArray();
                var told = previous.Alert is null ? [] : previous.Changes.Select(Key).ToArray();

                // Two monitors may measure one subject: where either still sees the change, the episode continues.
                foreach (var key in ended.Except(previous.Changes.Select(Key)).Where(open.Remove)) fresh.Add(key);
                foreach (var key in told.Where(open.Remove))
                {
                    if (HasCooled(previous.At)) fresh.Add(key);
                }
            }

            if (rows.Count < limit) break;
            seen = rows.Count;
        }

        return [.. fresh, .. open];

        // An alert that lies in the future was sent before the clock was set back: it tells nothing.
        bool HasCooled(DateTimeOffset at) => report.At - at >= policy.AlertCooldown || at > services.Time.GetUtcNow();
    }

    private static (Signal Signal, string Subject) Key(MonitoringFinding finding) =>
        (finding.Measurement.Signal, finding.Measurement.Subject);
}
