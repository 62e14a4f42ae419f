using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Answers a check that found a change: sends an alert where one is due, and asks for a retraining where a rule says so.</summary>
internal sealed class AlertDesk(string model, MonitoringServices services)
{
    private const int FirstReports = 10;
    private const int EpisodeReports = 1_000;

    /// <returns>The report with what was sent and asked for.</returns>
    public async Task<MonitoringReport> AnswerAsync(
        MonitoringPolicy policy, MonitoringReport report, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        if (!report.HasChanged) return report;
        var signals = report.Changes.Select(finding => finding.Measurement.Signal).Distinct().ToArray();
        var message = Describe(report);
        if (await IsAlertDueAsync(policy, report, cancellationToken).ConfigureAwait(false))
        {
            var alert = new Alert(PredictionId.New().ToString(), model, report.Version, report.At, signals, message);
            await services.Reports.AppendAlertAsync(
                new AlertRow(alert.Id, model, report.At, "warning", string.Join(',', signals), message, "pending"),
                cancellationToken).ConfigureAwait(false);
            MonitoringLog.Changed(services.Logger, message);
            var failure = await SendAsync(policy, alert, scoped, cancellationToken).ConfigureAwait(false);
            await services.Reports.SetAlertStateAsync(
                alert.Id, failure is null ? "sent" : "failed", cancellationToken).ConfigureAwait(false);
            report = report with { Alert = alert, AlertFailure = failure };
        }

        if (policy.Retraining is { } rule
            && rule.Signals.Intersect(signals).FirstOrDefault() is var asking
            && rule.Signals.Any(signals.Contains))
        {
            var trigger = await services.Retrainings.TryAppendAsync(
                model, report.At, $"{asking}: {message}", rule.Cooldown, cancellationToken).ConfigureAwait(false);
            report = report with { AskedForRetraining = trigger is not null };
            if (trigger is not null) MonitoringLog.RetrainingAsked(services.Logger, model, asking);
        }

        return report;
    }

    private string Describe(MonitoringReport report)
    {
        var top = report.Changes.First().Measurement;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{model} version {report.Version}: {report.Changes.Count()} of {report.Findings.Count} measurements changed over " +
                $"{report.Rows} predictions; the largest is {top.Subject} ({top.Effect} {top.EffectSize:0.###}).");
    }

    /// <returns>Which sinks failed, and how; <see langword="null"/> when none did.</returns>
    private async Task<string?> SendAsync(
        MonitoringPolicy policy, Alert alert, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var create in policy.Sinks)
        {
            var name = "a sink that could not be made";
            try
            {
                var sink = create(scoped);
                name = sink.GetType().Name;
                await sink.SendAsync(alert, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                MonitoringLog.AlertFailed(services.Logger, name, Secrets.Blank(e));
                failures.Add($"{name}: {Secrets.Blank(e.Message)}");
            }
        }

        return failures.Count == 0 ? null : string.Join("; ", failures);
    }

    // One alert per episode: again only after a check that could tell that nothing changed, or when the cooldown has passed.
    private async Task<bool> IsAlertDueAsync(MonitoringPolicy policy, MonitoringReport report, CancellationToken cancellationToken)
    {
        var last = await services.Reports.AlertsAsync(model, null, 1, cancellationToken).ConfigureAwait(false);
        if (last.Count == 0 || report.At - last[0].At >= policy.AlertCooldown) return true;

        // A last one that lies in the future was sent before the clock was set back: it tells nothing.
        if (last[0].At > services.Time.GetUtcNow()) return true;

        // The newest report decides nearly always; only a long episode without a stable check is read far back.
        var seen = 0;
        for (var limit = FirstReports; limit <= EpisodeReports; limit *= 10)
        {
            var rows = await services.Reports.VerdictsAsync(model, null, limit, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows.Skip(seen))
            {
                if (row.Version != report.Version) return true;
                var previous = MonitoringJson.ReadReport(row);
                if (previous.IsStable) return true;
                if (previous.Alert is not null) return false;
            }

            if (rows.Count < limit) break;
            seen = rows.Count;
        }

        return false;
    }
}
