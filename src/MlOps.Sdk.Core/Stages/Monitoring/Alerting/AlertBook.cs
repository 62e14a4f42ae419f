using System.Data.Common;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Keeps the alerts that are raised, and resolves them when what they are about has recovered. Thread-safe.</summary>
internal sealed class AlertBook(RelationalStore store, ILogger logger)
{
    public const string Monitor = "monitor";

    /// <summary>Adds an alert. Open ones that are about nothing else are superseded by it.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="open">What is to recover; what is acknowledged already belongs to the alert before.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task RaiseAsync(Alert alert, IReadOnlyList<AlertSubject> open, CancellationToken cancellationToken) =>
        store.WriteAsync(connection => Raise(connection, alert, open), cancellationToken);

    /// <summary>Adds an alert in a write that is in progress.</summary>
    /// <inheritdoc cref="RaiseAsync"/>
    public void Raise(DbConnection connection, Alert alert, IReadOnlyList<AlertSubject> open)
    {
        var row = new AlertRow(
            alert.Id, alert.Model, alert.At, "warning", string.Join(',', alert.Signals), alert.Message, "pending")
        {
            Version = alert.Version,
            Subjects = AlertRecord.WriteSubjects(alert.Subjects),
            OpenSubjects = AlertRecord.WriteSubjects(open),
        };
        foreach (var before in Active(connection, alert.Model).Where(before => before.Status == AlertStatus.Open))
        {
            if (before.OpenSubjects.Count > 0 && !before.OpenSubjects.Except(open).Any())
            {
                AlertTable.End(
                    connection,
                    before.Id,
                    nameof(AlertStatus.Superseded),
                    Now.UtcTicks,
                    Monitor,
                    $"alert {alert.Id} is about the same");
            }
        }
        AlertTable.Insert(connection, row);
    }

    /// <summary>Notes how the delivery of an alert ended.</summary>
    public Task SetDeliveryAsync(string id, string? failure, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            AlertTable.SetDelivery(connection, id, failure is null ? "sent" : "failed", failure);
        },
        cancellationToken);

    /// <summary>
    /// Takes the alerts that were raised before a time, are not over, and whose delivery never ended, because the process did. Each is
    /// taken once, by one process.
    /// </summary>
    public async Task<IReadOnlyList<AlertRecord>> TakeUndeliveredAsync(
        string model, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Nearly always there is none.
        if (!await store.ReadAsync(connection => Find(connection).Any(), cancellationToken).ConfigureAwait(false)) return [];
        return await store.WriteAsync<IReadOnlyList<AlertRecord>>(
            connection =>
            {
                AlertRecord[] found = [.. Find(connection)];
                foreach (var alert in found) AlertTable.SetDelivery(connection, alert.Id, "repeated", failure: null);
                return found;
            },
            cancellationToken).ConfigureAwait(false);

        IEnumerable<AlertRecord> Find(DbConnection connection) =>
            Readable(AlertTable.Pending(connection, model), model).Where(alert => alert.At < before);
    }

    /// <summary>What is muted, and what is acknowledged of a version of a model.</summary>
    public Task<(IReadOnlyList<AlertMute> Mutes, IReadOnlySet<AlertSubject> Acknowledged)> SilencedAsync(
        string model, int version, CancellationToken cancellationToken) =>
        store.ReadAsync<(IReadOnlyList<AlertMute>, IReadOnlySet<AlertSubject>)>(
            connection => (
                [.. MuteTable.InEffect(connection, model, Now.UtcTicks).Select(AlertMute.Of)],
                Active(connection, model)
                    .Where(alert => alert.Status == AlertStatus.Acknowledged && alert.Version == version)
                    .SelectMany(alert => alert.OpenSubjects)
                    .ToHashSet()),
            cancellationToken);

    /// <summary>
    /// Resolves the alerts of which a check finds every subject stable, and those of versions that are not called any more.
    /// </summary>
    /// <param name="report">What the check found of a version.</param>
    /// <param name="called">
    /// The versions that are live or were called since the window of the report began; <see langword="null"/> where nobody knows.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Those that this call resolved.</returns>
    public async Task<IReadOnlyList<AlertRecord>> SettleAsync(
        MonitoringReport report, IReadOnlySet<int>? called, CancellationToken cancellationToken)
    {
        var changed = report.Changes.Select(AlertSubject.Of).ToHashSet();
        var stable = report.Findings
            .Where(finding => finding.Verdict == MonitoringVerdict.Stable)
            .Select(AlertSubject.Of)
            .Where(subject => !changed.Contains(subject))
            .ToHashSet();
        return await EndAsync(report.Model, Why, cancellationToken).ConfigureAwait(false);

        // Neither a rollout nor an approval is a matter of checks; an alert of the version before does not tell what it is about.
        string? Why(AlertRecord alert, out AlertSubject[] left)
        {
            left = [.. alert.OpenSubjects];
            if (alert.OpenSubjects.Any(subject => subject.Signal is Signal.Release or Signal.Approval)) return null;
            if (alert.Subjects.Count == 0) return stable.Count > 0 && changed.Count == 0 ? "the checks find no change any more" : null;

            // What is judged without a window tells nothing of other versions.
            if (alert.Version != report.Version && (called is null || called.Contains(alert.Version))) return null;
            if (alert.Version != report.Version) return FormattableString.Invariant($"version {report.Version} is watched now");
            left = [.. left.Where(subject => !stable.Contains(subject))];
            return left.Length == 0 ? "what it is about is stable again" : null;
        }
    }

    /// <summary>Resolves the alerts of rollouts, because a version went live.</summary>
    /// <returns>Those that this call resolved.</returns>
    public Task<IReadOnlyList<AlertRecord>> SettleRolloutsAsync(string model, int version, CancellationToken cancellationToken)
    {
        return EndAsync(model, Why, cancellationToken);

        string? Why(AlertRecord alert, out AlertSubject[] left)
        {
            left = [.. alert.OpenSubjects];
            return left.Any(subject => subject.Signal == Signal.Release)
                ? FormattableString.Invariant($"version {version} went live")
                : null;
        }
    }

    /// <summary>Resolves the alerts of requests for approval that do not wait any more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pending">
    /// Reads what waits, in the write that resolves: another process may have told of a request that was made meanwhile.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Those that this call resolved.</returns>
    public Task<IReadOnlyList<AlertRecord>> SettleApprovalsAsync(
        string model, Func<DbConnection, IReadOnlySet<AlertSubject>> pending, CancellationToken cancellationToken)
    {
        return EndAsync(model, WhyOf, cancellationToken);

        Reason WhyOf(DbConnection connection)
        {
            var waiting = pending(connection);
            return Why;

            string? Why(AlertRecord alert, out AlertSubject[] left)
            {
                left = [.. alert.OpenSubjects];
                return left.Length > 0 && left.All(subject => subject.Signal == Signal.Approval && !waiting.Contains(subject))
                    ? "the approval does not wait any more"
                    : null;
            }
        }
    }

    private delegate string? Reason(AlertRecord alert, out AlertSubject[] left);

    private DateTimeOffset Now => store.Clock.GetUtcNow();

    private Task<IReadOnlyList<AlertRecord>> EndAsync(string model, Reason why, CancellationToken cancellationToken) =>
        EndAsync(model, _ => why, cancellationToken);

    private async Task<IReadOnlyList<AlertRecord>> EndAsync(
        string model, Func<DbConnection, Reason> whyOf, CancellationToken cancellationToken)
    {
        // Nearly always there is none.
        if (await store.ReadAsync(
            connection => AlertTable.Active(connection, model).Count == 0, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }
        return await store.WriteAsync(connection => End(connection, model, whyOf(connection)), cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<AlertRecord> End(DbConnection connection, string model, Reason why)
    {
        var ended = new List<AlertRecord>();
        foreach (var alert in Active(connection, model))
        {
            if (why(alert, out var left) is { } reason)
            {
                var now = Now;
                AlertTable.End(connection, alert.Id, nameof(AlertStatus.Resolved), now.UtcTicks, Monitor, reason);
                ModelAlerts.Enter(
                    connection, now, Monitor, ModelAlerts.ResolvedEntry, model, ("alert", alert.Id), ("reason", reason));
                ended.Add(AlertRecord.Of(AlertTable.Find(connection, alert.Id)!));
            }
            else if (left.Length != alert.OpenSubjects.Count)
            {
                AlertTable.SetOpenSubjects(connection, alert.Id, AlertRecord.WriteSubjects(left));
            }
        }

        return ended;
    }

    private List<AlertRecord> Active(DbConnection connection, string model) => Readable(AlertTable.Active(connection, model), model);

    // One damaged alert must not end monitoring.
    private List<AlertRecord> Readable(IReadOnlyList<AlertRow> rows, string model)
    {
        var alerts = new List<AlertRecord>();
        foreach (var row in rows)
        {
            try
            {
                alerts.Add(AlertRecord.Of(row));
            }
            catch (MlOpsException e)
            {
                MonitoringLog.AlertUnreadable(logger, model, e);
            }
        }

        return alerts;
    }
}
