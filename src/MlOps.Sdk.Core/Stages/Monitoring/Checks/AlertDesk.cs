using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Handles what a check found: resolves alerts, sends an alert where one is due, and requests a retraining where a rule says so.
/// </summary>
internal sealed class AlertDesk(string model, MonitoringServices services)
{
    private const int FirstReports = 10;
    private const int EpisodeReports = 1_000;
    private const int NamedSubjects = 5;

    /// <returns>The report with what was sent, resolved and requested.</returns>
    public async Task<MonitoringReport> AnswerAsync(
        MonitoringPolicy policy, MonitoringReport report, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var sender = new AlertSender(policy.Sinks, services.Time, services.Logger);
        await RepeatAsync(policy, sender, scoped, cancellationToken).ConfigureAwait(false);
        var ended = await services.Alerts.SettleAsync(
            report, await CalledAsync(report, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var (mutes, acknowledged) = await services.Alerts.SilencedAsync(
            model, report.Version, cancellationToken).ConfigureAwait(false);
        foreach (var alert in ended.Where(alert => !alert.Subjects.All(IsMuted) || alert.Subjects.Count == 0))
        {
            await sender.SendAsync(alert, report.At, scoped, cancellationToken).ConfigureAwait(false);
        }
        report = report with { Resolved = [.. ended.Select(alert => alert.Id)] };
        if (!report.HasChanged) return report;
        report = report with { Muted = [.. report.Changes.Select(AlertSubject.Of).Where(IsMuted).Distinct()] };
        report = await AlertAsync(policy, report, acknowledged, sender, scoped, cancellationToken).ConfigureAwait(false);
        return await AskAsync(policy, report, cancellationToken).ConfigureAwait(false);

        bool IsMuted(AlertSubject subject) => mutes.Any(mute => mute.Covers(subject));
    }

    // A version whose calls all fail gives no prediction, and is in no window.
    private async Task<IReadOnlySet<int>?> CalledAsync(MonitoringReport report, CancellationToken cancellationToken)
    {
        if (report.Window is not { } window) return null;
        var calls = await services.Calls.ReadAsync(
            model, window.From, Ticks.Add(report.At, TimeSpan.FromMinutes(1)), cancellationToken).ConfigureAwait(false);
        HashSet<int> called =
        [
            .. calls.Where(version => version.Value.Total > 0).Select(version => version.Key),
            .. window.Versions.Select(version => version.Version),
        ];
        if (await services.FindPromotedLabels(model, cancellationToken).ConfigureAwait(false) is { } live) called.Add(live.Version);
        return called;
    }

    // A process that was killed while it sent an alert may not have sent it: rather twice than never.
    private async Task RepeatAsync(
        MonitoringPolicy policy, AlertSender sender, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var before = Ticks.Add(services.Time.GetUtcNow(), -AlertSender.Limit * (policy.Sinks.Count + 1));
        foreach (var alert in await services.Alerts.TakeUndeliveredAsync(model, before, cancellationToken).ConfigureAwait(false))
        {
            MonitoringLog.AlertRepeated(services.Logger, alert.Id, model);
            var failure = await sender.SendAsync(alert.ToAlert(), scoped, cancellationToken).ConfigureAwait(false);
            await services.Alerts.SetDeliveryAsync(alert.Id, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<MonitoringReport> AlertAsync(
        MonitoringPolicy policy,
        MonitoringReport report,
        IReadOnlySet<AlertSubject> acknowledged,
        AlertSender sender,
        IServiceProvider scoped,
        CancellationToken cancellationToken)
    {
        var fresh = await FreshAsync(policy, report, cancellationToken).ConfigureAwait(false);
        fresh.ExceptWith(acknowledged);
        fresh.ExceptWith(report.Muted);
        if (fresh.Count == 0)
        {
            var changes = Describe(report, fresh, report.Changes);
            if (report.Changes.All(finding => report.Muted.Contains(AlertSubject.Of(finding))))
            {
                MonitoringLog.Muted(services.Logger, changes);
            }
            else
            {
                MonitoringLog.StillChanged(services.Logger, changes);
            }
            return report;
        }

        MonitoringFinding[] told = [.. report.Changes.Where(finding => !report.Muted.Contains(AlertSubject.Of(finding)))];
        var message = Describe(report, fresh, told);
        var alert = new Alert(PredictionId.New().ToString(), model, report.Version, report.At, Signals(told), message)
        {
            Subjects = [.. told.Select(AlertSubject.Of).Distinct()],
        };
        await services.Alerts.RaiseAsync(alert, [.. alert.Subjects.Except(acknowledged)], cancellationToken).ConfigureAwait(false);
        MonitoringLog.Changed(services.Logger, message);
        var failure = await sender.SendAsync(alert, scoped, cancellationToken).ConfigureAwait(false);
        await services.Alerts.SetDeliveryAsync(alert.Id, failure, cancellationToken).ConfigureAwait(false);
        return report with { Alert = alert, AlertFailure = failure };
    }

    private async Task<MonitoringReport> AskAsync(MonitoringPolicy policy, MonitoringReport report, CancellationToken cancellationToken)
    {
        var signals = Signals(report.Changes);
        if (policy.Retraining.FirstOrDefault(rule => signals.Contains(rule.Signal)) is not { } rule) return report;
        var asking = rule.Signal;
        var message = report.Alert is { } alert && report.Muted.Count == 0 ? alert.Message
            : Describe(report, new HashSet<AlertSubject>(), report.Changes);
        var trigger = await services.Retrainings.TryAppendAsync(
            model, report.At, $"{asking}: {message}", rule.Cooldown,
            connection => AuditLog.Append(
                connection,
                services.Time,
                AlertBook.Monitor,
                AuditLog.RetrainingRequested,
                AuditedLooks.Prefix + model,
                $"{asking}: {message}"),
            cancellationToken).ConfigureAwait(false);
        if (trigger is not null) MonitoringLog.RetrainingAsked(services.Logger, model, asking);
        return report with { AskedForRetraining = trigger is not null };
    }

    private static Signal[] Signals(IEnumerable<MonitoringFinding> findings) =>
        [.. findings.Select(finding => finding.Measurement.Signal).Distinct()];

    private string Describe(MonitoringReport report, IReadOnlySet<AlertSubject> fresh, IEnumerable<MonitoringFinding> told)
    {
        var changes = told.OrderByDescending(finding => fresh.Contains(AlertSubject.Of(finding))).ToArray();
        var named = changes.Take(NamedSubjects).Select(finding => string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Measurement.Subject} ({finding.Measurement.Statistic}, {finding.Measurement.Effect} " +
                $"{finding.Measurement.EffectSize:0.###})"));
        var others = changes.Length > NamedSubjects ? $" and {Prose.Count(changes.Length - NamedSubjects)} more" : "";
        return $"{model} version {report.Version}: {Prose.Count(changes.Length)} of {Prose.Count(report.Findings.Count, "measurement")} " +
            $"changed over {Prose.Count(report.Rows, "prediction")}: {string.Join(", ", named)}{others}.";
    }

    /// <summary>
    /// The changes that an alert is due for: those of no episode. One begins with an alert of a signal's subject, and ends with a check
    /// that could tell that the subject did not change, with another version, or with the cooldown.
    /// </summary>
    private async Task<HashSet<AlertSubject>> FreshAsync(
        MonitoringPolicy policy, MonitoringReport report, CancellationToken cancellationToken)
    {
        var open = report.Changes.Select(AlertSubject.Of).ToHashSet();
        var last = await services.Reports.AlertsAsync(model, null, 1, cancellationToken).ConfigureAwait(false);
        if (last.Count == 0 || HasCooled(last[0].At)) return open;

        // The newest report decides nearly always; only a long episode is read far back.
        var fresh = new HashSet<AlertSubject>();
        var seen = 0;
        for (var limit = FirstReports; limit <= EpisodeReports && open.Count > 0; limit *= 10)
        {
            var rows = await services.Reports.VerdictsAsync(model, report.Version, limit, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows.Skip(seen).TakeWhile(_ => open.Count > 0))
            {
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
                var ended = previous.Findings
                    .Where(finding => finding.Verdict == MonitoringVerdict.Stable)
                    .Select(AlertSubject.Of)
                    .ToArray();
                var told = previous.Alert is null ? [] : previous.Changes.Select(AlertSubject.Of).Except(previous.Muted).ToArray();

                // Two monitors may measure one subject: where either still sees the change, the episode continues.
                foreach (var key in ended.Except(previous.Changes.Select(AlertSubject.Of)).Where(open.Remove)) fresh.Add(key);
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
}
