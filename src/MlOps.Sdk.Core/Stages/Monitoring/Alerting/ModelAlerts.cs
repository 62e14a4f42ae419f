using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The alerts of models: how they stand, and what people decide on them. What is decided is kept in the workspace with who and why, is in
/// the audit log, and holds in every process. Thread-safe.
/// </summary>
public sealed class ModelAlerts
{
    internal const string AcknowledgedEntry = "alert.acknowledged";
    internal const string ResolvedEntry = "alert.resolved";
    internal const string MutedEntry = "alert.muted";
    internal const string UnmutedEntry = "alert.unmuted";

    private readonly RelationalStore _store;
    private readonly CurrentActor _actor;

    internal ModelAlerts(RelationalStore store, CurrentActor actor) => (_store, _actor) = (store, actor);

    /// <summary>The alerts of a model, the newest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="status">How they stand; <see langword="null"/> for all.</param>
    /// <param name="limit">How many at most, positive. Default: 100.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A record is damaged.</exception>
    public async Task<IReadOnlyList<AlertRecord>> ListAsync(
        string model, AlertStatus? status = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var rows = await _store.ReadAsync(
            connection => AlertTable.List(connection, model, null, status?.ToString(), limit), cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(AlertRecord.Of)];
    }

    /// <summary>
    /// Acknowledges an alert: until its subjects have recovered, there is no further alert of them. An alert that is acknowledged already
    /// gets the new reason.
    /// </summary>
    /// <param name="id">The alert.</param>
    /// <param name="reason">Why, or what is being done, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">There is no such alert, or it is over.</exception>
    public Task<AlertRecord> AcknowledgeAsync(string id, string reason, CancellationToken cancellationToken = default) => DecideAsync(
        id,
        reason,
        AcknowledgedEntry,
        (connection, at, by) => AlertTable.Acknowledge(connection, id, at, by, reason),
        cancellationToken);

    /// <summary>Ends an alert that no check resolves, for example of a rollout that was rolled back.</summary>
    /// <param name="id">The alert.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">There is no such alert, or it is over.</exception>
    public Task<AlertRecord> ResolveAsync(string id, string reason, CancellationToken cancellationToken = default) => DecideAsync(
        id,
        reason,
        ResolvedEntry,
        (connection, at, by) => AlertTable.End(connection, id, nameof(AlertStatus.Resolved), at, by, reason),
        cancellationToken);

    /// <summary>
    /// Mutes alerts of a model: checks continue, reports tell what is muted, and rules of RetrainOn request retrainings, but nothing is
    /// sent. What has changed and not recovered by the end is alerted then.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="duration">For how long, above zero; <see langword="null"/> until somebody ends it.</param>
    /// <param name="signal">Only this signal; <see langword="null"/> for all.</param>
    /// <param name="subject">Only this column, attribute or other subject; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    public async Task<AlertMute> MuteAsync(
        string model,
        string reason,
        TimeSpan? duration = null,
        Signal? signal = null,
        string? subject = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (duration is { } time) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(duration));
        if (signal is { } one && !Enum.IsDefined(one))
        {
            throw new ArgumentOutOfRangeException(nameof(signal), signal, "The signal is not defined.");
        }
        if (subject is not null) ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        var actor = _actor.Name;
        var row = await _store.WriteAsync(
            connection =>
            {
                var now = _store.Clock.GetUtcNow();
                DateTimeOffset? until = duration is { } length ? Ticks.Add(now, length) : null;
                var muted = new MuteRow
                {
                    Model = model,
                    Signal = signal?.ToString(),
                    Subject = subject,
                    At = now.UtcTicks,
                    Until = until?.UtcTicks,
                    Actor = actor,
                    Reason = reason,
                };
                var no = MuteTable.Insert(connection, muted);
                Enter(
                    connection,
                    now,
                    actor,
                    MutedEntry,
                    model,
                    ("mute", Text(no)),
                    ("signal", muted.Signal),
                    ("subject", subject),
                    ("until", until?.ToString("O", CultureInfo.InvariantCulture)),
                    ("reason", reason));
                return MuteTable.Find(connection, no)!;
            },
            cancellationToken).ConfigureAwait(false);
        return AlertMute.Of(row);
    }

    /// <summary>Lets alerts be sent again that were muted. One that has ended already stays as it is.</summary>
    /// <param name="id">What <see cref="MuteAsync"/> gave.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">There is no such mute.</exception>
    public Task UnmuteAsync(long id, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var actor = _actor.Name;
        return _store.WriteAsync(
            connection =>
            {
                var row = MuteTable.Find(connection, id)
                    ?? throw new MlOpsException($"There is no mute {Text(id)}.", "MutesAsync lists those that are in effect.");
                if (row.EndedAt is not null) return;
                var now = _store.Clock.GetUtcNow();
                MuteTable.End(connection, id, now.UtcTicks);
                Enter(connection, now, actor, UnmutedEntry, row.Model, ("mute", Text(id)), ("reason", reason));
            },
            cancellationToken);
    }

    /// <summary>What is muted of a model now, the oldest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A record is damaged.</exception>
    public async Task<IReadOnlyList<AlertMute>> MutesAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        var rows = await _store.ReadAsync(
            connection => MuteTable.InEffect(connection, model, _store.Clock.GetUtcNow().UtcTicks),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(AlertMute.Of)];
    }

    /// <summary>Writes an entry on alerts of a model, inside the caller's write.</summary>
    internal static void Enter(
        DbConnection connection,
        DateTimeOffset at,
        string actor,
        string action,
        string model,
        params ReadOnlySpan<(string Name, string? Value)> details) =>
        AuditLog.Append(connection, at, actor, action, AuditedLooks.Prefix + model, StorageJson.WriteFields(details));

    private async Task<AlertRecord> DecideAsync(
        string id, string reason, string action, Action<DbConnection, long, string> decide, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var actor = _actor.Name;
        var row = await _store.WriteAsync(
            connection =>
            {
                var found = AlertTable.Find(connection, id)
                    ?? throw new MlOpsException($"There is no alert '{id}'.", "Alerts.ListAsync lists the alerts of a model.");
                if (found.EndedAt is not null)
                {
                    throw new MlOpsException(
                        $"The alert '{id}' is over: {found.EndedWhy}", "Alerts.ListAsync lists those that are open.");
                }
                var now = _store.Clock.GetUtcNow();
                decide(connection, now.UtcTicks, actor);
                Enter(connection, now, actor, action, found.Model, ("alert", id), ("reason", reason));
                return AlertTable.Find(connection, id)!;
            },
            cancellationToken).ConfigureAwait(false);
        return AlertRecord.Of(row);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
