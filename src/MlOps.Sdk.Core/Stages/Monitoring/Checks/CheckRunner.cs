using System.Text.Json;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Checks what one model predicted since the last check: measures, judges, answers and stores. One check at a time.</summary>
internal sealed class CheckRunner(string model, PredictionDrain predictions, MonitoringServices services)
{
    private readonly AlertDesk _alerts = new(model, services);

    /// <summary>Checks the window, and continues with it when not everything could be judged.</summary>
    /// <returns>The report, which is stored; <see langword="null"/> when nothing was predicted.</returns>
    public async Task<MonitoringReport?> RunAsync(MonitoringPolicy policy, CancellationToken cancellationToken)
    {
        if (await predictions.DetachAsync(cancellationToken).ConfigureAwait(false) is not { } detached) return null;
        var isComplete = false;
        try
        {
            var report = await CheckAsync(policy, detached, cancellationToken).ConfigureAwait(false);
            isComplete = detached.Window.RowCount >= 10L * detached.Window.MinimumRows
                || (report.Failures.Count == 0 && report.Findings.All(finding => finding.Verdict != MonitoringVerdict.NotEnoughData));
            return report;
        }
        finally
        {
            if (!isComplete) await predictions.PutBackAsync(detached).ConfigureAwait(false);
        }
    }

    private async Task<MonitoringReport> CheckAsync(MonitoringPolicy policy, DetachedWindow detached, CancellationToken cancellationToken)
    {
        var (window, start, end) = detached;
        var scope = policy.CreateScope();
        await using (scope.ConfigureAwait(false))
        {
            var last = await LastAsync(cancellationToken).ConfigureAwait(false);
            var (level, left) = AlarmBudget.Spend(policy.AlarmBudget, policy.SignificanceLevel, last, end);
            var (findings, failures) = await policy.JudgeAsync(
                window, level, scope, services.Logger, cancellationToken).ConfigureAwait(false);
            var report = new MonitoringReport
            {
                Model = model,
                Version = window.Version,
                At = end,
                Rows = window.RowCount,
                Dropped = predictions.DroppedBy(window.Version),
                SignificanceLevel = level,
                AlarmBudgetLeft = left,
                Findings = findings,
                Failures = failures,
            };
            report = await _alerts.AnswerAsync(policy, report, scope, cancellationToken).ConfigureAwait(false);
            var json = JsonSerializer.Serialize(report, MonitoringJson.Default.MonitoringReport);
            await services.Reports.AppendVerdictAsync(
                new VerdictRow(model, report.Version, report.At, start, end, json, null), cancellationToken).ConfigureAwait(false);
            Telemetry.DriftChecks.Add(1, new KeyValuePair<string, object?>("changed", report.HasChanged));
            return report;
        }
    }

    private async Task<MonitoringReport?> LastAsync(CancellationToken cancellationToken)
    {
        var last = await services.Reports.VerdictsAsync(model, null, 1, cancellationToken).ConfigureAwait(false);
        if (last.Count == 0) return null;
        try
        {
            return MonitoringJson.ReadReport(last[0]);
        }
        catch (MlOpsException e)
        {
            // One damaged report must not end monitoring.
            MonitoringLog.BudgetUnknown(services.Logger, model, e);
            return null;
        }
    }
}
