using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// What answers where models do not: a part of the registry that every process follows. Each change is one commit with its history and
/// audit entry. Thread-safe.
/// </summary>
internal sealed class FallbackRegistry(RelationalStore store)
{
    /// <summary>The last change; <see langword="null"/> when there never was a fallback.</summary>
    /// <exception cref="MlOpsException">The record is not the one of the audit log.</exception>
    public Task<FallbackChange?> FindAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            if (AuditedModel.Read(connection, model).CompareFallbacks(connection) is { } difference) throw difference.ToException();
            return FallbackTable.Find(connection, model) is { } row ? ToChange(row) : null;
        }, cancellationToken);

    /// <summary>The generation of the fallback, without holding it against the audit log; 0 when there never was one.</summary>
    public Task<long> GenerationAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection => FallbackTable.Find(connection, model)?.No ?? 0, cancellationToken);

    /// <summary>All changes of a model, the newest first.</summary>
    public Task<IReadOnlyList<FallbackChange>> HistoryAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<FallbackChange>>(
            connection => [.. FallbackTable.History(connection, model).Select(ToChange)], cancellationToken);

    /// <summary>Sets the fallback of a model, or removes it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fallback">The fallback; <see langword="null"/> for none.</param>
    /// <param name="live">The version that is live as far as the caller knows.</param>
    /// <param name="actor">Who.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrencyException">Another version went live meanwhile.</exception>
    /// <exception cref="MlOpsException">The version is not blessed.</exception>
    public async Task<FallbackChange> SetAsync(
        string model, ModelFallback? fallback, int live, string actor, string reason, CancellationToken cancellationToken)
    {
        var ahead = fallback?.Version is null
            ? null
            : await AuditedModel.ReadAheadAsync(store, model, null, cancellationToken).ConfigureAwait(false);
        return await store.WriteAsync(
            connection =>
            {
                var actual = AliasTable.Find(connection, model, ModelRegistry.Champion);
                if (actual != live) throw ModelRegistry.Conflict(model, ModelRegistry.Champion, live, actual);
                if (fallback?.Version is { } version)
                {
                    // What was blessed a moment ago may have been rejected since.
                    var blessed = RegistryRecords.GetBlessed(
                        connection, RegistryRecords.Get(connection, model, version), store.Clock.GetUtcNow(), ahead!.ReadOn(connection));
                    ApprovalRule.RequireForFallback(connection, blessed.Version, store.Clock.GetUtcNow());
                }

                var at = store.Clock.GetUtcNow();
                var json = RegistryJson.WriteFallback(fallback);
                var row = new FallbackRow { Model = model, Fallback = json, At = at.UtcTicks, Actor = actor, Reason = reason };
                var no = FallbackTable.Insert(connection, row);
                AuditLog.Append(
                    connection,
                    at,
                    actor,
                    "model.fallback",
                    string.Create(CultureInfo.InvariantCulture, $"model:{model}/{live}"),
                    StorageJson.WriteFields(("fallback", json), ("reason", reason)));
                return new FallbackChange(model, fallback, no, at, actor, reason);
            }, cancellationToken).ConfigureAwait(false);
    }

    private static FallbackChange ToChange(FallbackRow row) => StoredRecord.Read(
        $"the fallback of '{row.Model}'",
        () => new FallbackChange(
            row.Model, RegistryJson.ReadFallback(row.Fallback), row.No, Ticks.ToTime(row.At), row.Actor, row.Reason));
}
