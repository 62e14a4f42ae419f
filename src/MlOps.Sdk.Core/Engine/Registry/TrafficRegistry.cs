using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// How calls are divided over the versions of models: the part of the registry that every process follows. Each change is one commit with
/// its history and audit entry; moving the alias <c>champion</c> ends the division. Thread-safe.
/// </summary>
internal sealed class TrafficRegistry(RelationalStore store)
{
    /// <summary>The present division; <see langword="null"/> when there never was one.</summary>
    /// <exception cref="MlOpsException">The record is not the one of the audit log.</exception>
    public Task<TrafficSplit?> FindAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            if (AuditedModel.Read(connection, model).CompareTraffic(connection) is { } difference) throw difference.ToException();
            return TrafficTable.Find(connection, model) is { } row ? ToSplit(row) : null;
        }, cancellationToken);

    /// <summary>The generation of the present division, without holding it against the audit log; 0 when there never was one.</summary>
    public Task<long> GenerationAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection => TrafficTable.Find(connection, model)?.No ?? 0, cancellationToken);

    /// <summary>All divisions of a model, the newest first.</summary>
    public Task<IReadOnlyList<TrafficSplit>> HistoryAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<TrafficSplit>>(
            connection => [.. TrafficTable.History(connection, model).Select(ToSplit)], cancellationToken);

    /// <summary>Divides the calls.</summary>
    /// <param name="model">The model.</param>
    /// <param name="arms">The arms, which are blessed, distinct, and not the live version.</param>
    /// <param name="live">The version that is live as far as the caller knows.</param>
    /// <param name="generation">The generation that the caller knows; <see langword="null"/> for any.</param>
    /// <param name="actor">Who.</param>
    /// <param name="reason">Why.</param>
    /// <param name="also">What else belongs to the commit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrencyException">Another version went live, or the division was changed meanwhile.</exception>
    /// <exception cref="MlOpsException">A version is not blessed, or must be approved and is not.</exception>
    public async Task<TrafficSplit> SetAsync(
        string model,
        IReadOnlyList<TrafficArm> arms,
        int live,
        long? generation,
        string actor,
        string reason,
        Action<DbConnection, long>? also,
        CancellationToken cancellationToken)
    {
        var ahead = arms.Count > 0
            ? await AuditedModel.ReadAheadAsync(store, model, null, cancellationToken).ConfigureAwait(false)
            : null;
        return await store.WriteAsync(
            connection => Set(connection, model, arms, live, generation, actor, reason, ahead, also),
            cancellationToken).ConfigureAwait(false);
    }

    private TrafficSplit Set(
        DbConnection connection,
        string model,
        IReadOnlyList<TrafficArm> arms,
        int live,
        long? generation,
        string actor,
        string reason,
        AuditedModel? ahead,
        Action<DbConnection, long>? also)
    {
        var actual = AliasTable.Find(connection, model, ModelRegistry.Champion);
        if (actual != live) throw ModelRegistry.Conflict(model, ModelRegistry.Champion, live, actual);
        var known = TrafficTable.Find(connection, model)?.No ?? 0;
        if (generation is { } expected && expected != known)
        {
            throw new ConcurrencyException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The traffic of '{model}' was changed meanwhile: it is at generation {known}, expected {expected}."),
                "Read the traffic again, and decide on what it is now.",
                live,
                actual);
        }
        var present = TrafficTable.Find(connection, model) is { } before ? ToSplit(before).Arms : [];
        var audited = ahead?.ReadOn(connection);
        foreach (var arm in arms)
        {
            // What was blessed a moment ago may have been rejected since.
            var version = RegistryRecords.GetBlessed(
                connection, RegistryRecords.Get(connection, model, arm.Version), store.Clock.GetUtcNow(), audited).Version;
            ApprovalRule.RequireFor(connection, version, live, arm, present, store.Clock.GetUtcNow());
        }
        var split = Write(connection, model, live, arms, store.Clock.GetUtcNow(), actor, reason);
        also?.Invoke(connection, split.Generation);
        return split;
    }

    /// <summary>Takes a version out of the division, with what else belongs to the commit; whether it has an arm or not.</summary>
    public Task RemoveAsync(
        string model, int version, string actor, string reason, Action<DbConnection> also, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                also(connection);
                if (TrafficTable.Find(connection, model) is not { } row) return 0;
                var arms = ToSplit(row).Arms;
                TrafficArm[] left = [.. arms.Where(arm => arm.Version != version)];
                if (left.Length == arms.Count) return 0;
                var live = AliasTable.Find(connection, model, ModelRegistry.Champion) ?? 0;
                Write(connection, model, live, left, store.Clock.GetUtcNow(), actor, reason);
                return 1;
            },
            cancellationToken);

    /// <summary>Ends the division in the write that moves the alias: what was compared with the version before is no longer.</summary>
    public static void Clear(DbConnection connection, string model, int version, DateTimeOffset at, string actor, string reason)
    {
        if (TrafficTable.Find(connection, model) is { } row && ArmsOf(row).Length > 0)
        {
            Write(connection, model, version, [], at, actor, reason);
        }
    }

    /// <summary>Lets a version answer no calls any more, in a write that is in progress; as a shadow it stays.</summary>
    public static void TakeOff(DbConnection connection, string model, int version, DateTimeOffset at, string actor, string reason)
    {
        if (TrafficTable.Find(connection, model) is not { } row) return;
        var arms = ArmsOf(row);
        TrafficArm[] left = [.. arms.Where(arm => arm.Version != version || arm.IsShadow)];
        if (left.Length == arms.Length) return;
        Write(connection, model, AliasTable.Find(connection, model, ModelRegistry.Champion) ?? 0, left, at, actor, reason);
    }

    private static TrafficSplit Write(
        DbConnection connection, string model, int live, IReadOnlyList<TrafficArm> all, DateTimeOffset at, string actor, string reason)
    {
        var row = new TrafficRow
        {
            Model = model,
            Arms = RegistryJson.WriteArms([.. all.Where(arm => !arm.IsShadow)]),
            Shadows = RegistryJson.WriteArms([.. all.Where(arm => arm.IsShadow)]),
            At = at.UtcTicks,
            Actor = actor,
            Reason = reason,
        };
        var no = TrafficTable.Insert(connection, row);
        AuditLog.Append(
            connection, at, actor, "model.routed", string.Create(CultureInfo.InvariantCulture, $"model:{model}/{live}"),
            StorageJson.WriteFields(
                ("arms", row.Arms), ("shadows", row.Shadows == TrafficRow.NoShadows ? null : row.Shadows), ("reason", reason)));
        return new TrafficSplit(model, ArmsOf(row), no, at, actor, reason);
    }

    internal static TrafficArm[] ArmsOf(TrafficRow row) => [.. RegistryJson.ReadArms(row.Arms), .. RegistryJson.ReadArms(row.Shadows)];

    private static TrafficSplit ToSplit(TrafficRow row) => StoredRecord.Read(
        $"the traffic of '{row.Model}'",
        () => new TrafficSplit(row.Model, ArmsOf(row), row.No, Ticks.ToTime(row.At), row.Actor, row.Reason));
}
