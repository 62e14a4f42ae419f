using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Which models are stopped: a part of the registry that every process follows. Each change is one commit with its history and audit entry.
/// Neither a promotion nor a rollback changes it. Thread-safe.
/// </summary>
internal sealed class SwitchRegistry(RelationalStore store)
{
    /// <summary>Whether a model is stopped; <see langword="null"/> when it never was.</summary>
    /// <exception cref="MlOpsException">The record is not the one of the audit log.</exception>
    public Task<ModelSwitch?> FindAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            if (AuditedModel.Read(connection, model).CompareStops(connection) is { } difference) throw difference.ToException();
            return StopTable.Find(connection, model) is { } row ? ToSwitch(row) : null;
        }, cancellationToken);

    /// <summary>The generation of the switch, without holding it against the audit log; 0 when the model never was stopped.</summary>
    public Task<long> GenerationAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection => StopTable.Find(connection, model)?.No ?? 0, cancellationToken);

    /// <summary>All changes of a model, the newest first.</summary>
    public Task<IReadOnlyList<ModelSwitch>> HistoryAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<ModelSwitch>>(
            connection => [.. StopTable.History(connection, model).Select(ToSwitch)], cancellationToken);

    /// <summary>Stops a model, or lets it answer again.</summary>
    /// <exception cref="MlOpsException">No version is promoted, or a model is to be resumed that is not stopped.</exception>
    public Task<ModelSwitch> SetAsync(
        string model, bool isStopped, string actor, string reason, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            if (AliasTable.Find(connection, model, ModelRegistry.Champion) is not { } live)
            {
                var near = NearestName.Find(model, ModelVersionTable.Models(connection));
                throw new MlOpsException(
                    $"No version of '{model}' is live, so there is nothing to stop or resume.",
                    near is null || near == model ? "Run its lifecycle until a version is deployed." : $"Did you mean '{near}'?")
                {
                    IsOfCaller = true
                };
            }
            if (!isStopped && StopTable.Find(connection, model) is not { Stopped: not 0 })
            {
                throw new MlOpsException($"'{model}' is not stopped.", "Traffic.SwitchHistoryAsync has when it was stopped and resumed.")
                {
                    IsOfCaller = true
                };
            }

            var at = store.Clock.GetUtcNow();
            var row = new StopRow { Model = model, Stopped = isStopped ? 1 : 0, At = at.UtcTicks, Actor = actor, Reason = reason };
            var no = StopTable.Insert(connection, row);
            AuditLog.Append(
                connection,
                at,
                actor,
                isStopped ? "model.stopped" : "model.resumed",
                string.Create(CultureInfo.InvariantCulture, $"model:{model}/{live}"),
                StorageJson.WriteFields(("reason", reason)));
            return new ModelSwitch(model, isStopped, no, at, actor, reason);
        }, cancellationToken);

    private static ModelSwitch ToSwitch(StopRow row) => StoredRecord.Read(
        $"the switch of '{row.Model}'",
        () => new ModelSwitch(row.Model, row.Stopped != 0, row.No, Ticks.ToTime(row.At), row.Actor, row.Reason));
}
