using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Tells people of requests that wait, when they are made and at intervals, through the alert sinks of the lifecycle. A notice is an alert:
/// it can be muted, whoever acknowledges it is not reminded, and it is resolved by the decision. Of several processes one sends it.
/// </summary>
internal sealed class ApprovalNotices(Workspace workspace, LifecyclePlan plan, IServiceProvider scoped)
{
    /// <summary>Sends what is due.</summary>
    /// <param name="pending">The requests that wait.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SendAsync(IReadOnlyList<Approval> pending, CancellationToken cancellationToken)
    {
        var sender = new AlertSender(plan.Monitoring?.Sinks ?? [], workspace.Time, workspace.Logger);
        var alerts = workspace.MonitoringServices.Alerts;
        foreach (var approval in pending)
        {
            if (await TryRaiseAsync(approval, cancellationToken).ConfigureAwait(false) is not { } alert) continue;
            ApprovalLog.Told(workspace.Logger, approval.Id, approval.Model, approval.Version);
            var failure = await sender.SendAsync(alert, scoped, cancellationToken).ConfigureAwait(false);
            await alerts.SetDeliveryAsync(alert.Id, failure, cancellationToken).ConfigureAwait(false);
        }

        // Sinks may be slow: what waits now is not what waited then.
        var resolved = await alerts.SettleApprovalsAsync(
            plan.Name,
            connection => ApprovalRecords.Open(connection, plan.Name, workspace.Time.GetUtcNow())
                .Where(approval => approval.State == ApprovalState.Pending)
                .Select(SubjectOf)
                .ToHashSet(),
            cancellationToken).ConfigureAwait(false);
        foreach (var alert in resolved)
        {
            await sender.SendAsync(alert, workspace.Time.GetUtcNow(), scoped, cancellationToken).ConfigureAwait(false);
        }
    }

    private static AlertSubject SubjectOf(Approval approval) =>
        new(Signal.Approval, FormattableString.Invariant($"approval {approval.Id}"));

    // Reminders that nobody sent in time are not made up for.
    private async Task<Alert?> TryRaiseAsync(Approval approval, CancellationToken cancellationToken)
    {
        var now = workspace.Time.GetUtcNow();
        var due = approval.Policy.RemindEvery is { } every ? Math.Max(0, (now - approval.RequestedAt).Ticks / every.Ticks) : 0;
        var last = await workspace.Store.ReadAsync(
            connection => ApprovalTable.LastNotice(connection, approval.Id), cancellationToken).ConfigureAwait(false);
        if (last >= due) return null;
        var subject = SubjectOf(approval);
        var (mutes, acknowledged) = await workspace.MonitoringServices.Alerts.SilencedAsync(
            approval.Model, approval.Version, cancellationToken).ConfigureAwait(false);
        var isQuiet = acknowledged.Contains(subject) || mutes.Any(mute => mute.Covers(subject));
        var alert = new Alert(
            PredictionId.New().ToString(),
            approval.Model,
            approval.Version,
            now,
            [Signal.Approval],
            $"{approval.Model} version {approval.Version} awaits approval {approval.Id}, requested by " +
                $"{PrintableText.Line(approval.Requester)}: " +
                $"{ApprovalPolicy.Describe(approval.Missing)} must approve it " +
                FormattableString.Invariant($"until {approval.ExpiresAt:u}. {PrintableText.Line(approval.Reason)}"))
        {
            Subjects = [subject],
        };
        return await workspace.Store.WriteAsync(
            connection =>
            {
                if (!ApprovalTable.TryTakeNotice(connection, approval.Id, due) || isQuiet) return null;
                workspace.MonitoringServices.Alerts.Raise(connection, alert, alert.Subjects);
                return alert;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
