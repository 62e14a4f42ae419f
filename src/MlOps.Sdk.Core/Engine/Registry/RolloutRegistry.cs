using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>The decisions on rollouts: each is written once, in the commit of what it changes, with its audit entry. Thread-safe.</summary>
internal sealed class RolloutRegistry(RelationalStore store)
{
    /// <summary>What the table calls a rollout that is in progress.</summary>
    public const string Running = "Running";

    public TimeProvider Clock => store.Clock;

    /// <summary>The last decision on a rollout of a model; <see langword="null"/> when there never was one.</summary>
    public Task<RolloutRow?> FindAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => RolloutTable.Find(connection, model), cancellationToken);

    /// <summary>The last decision on the last rollout of a version; <see langword="null"/> when there never was one.</summary>
    public Task<RolloutRow?> FindOfAsync(string model, int version, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => RolloutTable.FindOf(connection, model, version), cancellationToken);

    /// <summary>The decisions on all rollouts of a model, the newest first.</summary>
    public Task<IReadOnlyList<RolloutRow>> HistoryAsync(string model, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => RolloutTable.History(connection, model, limit), cancellationToken);

    /// <summary>The decisions on one rollout, the oldest first.</summary>
    public Task<IReadOnlyList<RolloutRow>> StepsAsync(long rollout, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => RolloutTable.Steps(connection, rollout), cancellationToken);

    /// <summary>Writes a decision alone.</summary>
    /// <param name="row">The decision.</param>
    /// <param name="known">The number of the last decision that it follows from; 0 when there was none.</param>
    /// <param name="also">What else belongs to the commit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrencyException">Another decision was written meanwhile.</exception>
    public Task AppendAsync(RolloutRow row, long known, Action<DbConnection>? also, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                Append(connection, row, known);
                also?.Invoke(connection);
            },
            cancellationToken);

    /// <summary>The decision that ends a rollout, after its last one.</summary>
    public static RolloutRow Cancelled(RolloutRow last, DateTimeOffset at, string actor, string reason) => new()
    {
        Rollout = last.Rollout,
        Model = last.Model,
        Version = last.Version,
        Live = last.Live,
        Strategy = last.Strategy,
        State = "Cancelled",
        Share = last.Share,
        StartedAt = last.StartedAt,
        At = at.UtcTicks,
        Position = last.Position,
        Generation = last.Generation,
        LargestError = last.LargestError,
        Actor = actor,
        Reason = reason,
        Findings = "[]",
    };

    /// <summary>Writes a decision into a write that is in progress.</summary>
    /// <inheritdoc cref="AppendAsync"/>
    /// <returns>The number of the decision.</returns>
    public static long Append(DbConnection connection, RolloutRow row, long known)
    {
        var actual = RolloutTable.Find(connection, row.Model)?.No ?? 0;
        if (actual != known)
        {
            throw new ConcurrencyException(
                $"Another decision on the rollout of '{row.Model}' was made meanwhile.",
                "Read the rollout again, and decide on what it is now.",
                row.Live,
                row.Live);
        }
        var no = RolloutTable.Insert(connection, row);
        AuditLog.Append(
            connection,
            Ticks.ToTime(row.At),
            row.Actor,
            row switch
            {
                { State: Running, Rollout: 0 } => "rollout.started",
                { State: Running } => "rollout.advanced",
                { State: "RolledBack" } => "rollout.rolled-back",
                _ => $"rollout.{row.State.ToLowerInvariant()}",
            },
            string.Create(CultureInfo.InvariantCulture, $"model:{row.Model}/{row.Version}"),
            StorageJson.WriteFields(
                ("strategy", row.Strategy), ("share", row.Share.ToString("R", CultureInfo.InvariantCulture)), ("reason", row.Reason)));
        if (row.State == "RolledBack")
        {
            // People approved it before the guard found what it found.
            ApprovalRule.Withdraw(connection, row.Model, row.Version, Ticks.ToTime(row.At), "its rollout was rolled back");
        }
        return no;
    }
}
