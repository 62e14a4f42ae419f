using Dapper;
using System.Data.Common;

namespace MlOps.Sdk.Storage;

/// <summary>Signals that called for retraining. Thread-safe.</summary>
internal sealed class RetrainingTable(RelationalStore store)
{
    /// <summary>
    /// Adds a trigger, unless the model had one within the cooldown. Decided under the write lock: of several processes one wins.
    /// </summary>
    /// <returns>The trigger, or <see langword="null"/> during the cooldown.</returns>
    public Task<RetrainingTrigger?> TryAppendAsync(string model, DateTimeOffset at, string signal, TimeSpan cooldown, CancellationToken ct = default) =>
        store.WriteAsync(connection =>
        {
            var newest = connection.ExecuteScalar<long?>("SELECT max(at) FROM retraining_triggers WHERE model = @model", new { model });
            if (Ticks.ToTime(newest) is { } last && at - last < cooldown) return null;
            var no = connection.ExecuteScalar<long>(
                "INSERT INTO retraining_triggers(model, at, signal) VALUES (@model, @at, @signal) RETURNING no", new { model, at = at.UtcTicks, signal });
            return new RetrainingTrigger(no, model, at, signal, null, null);
        }, ct);

    /// <summary>Notes the run of a trigger and what came of it.</summary>
    public Task SetOutcomeAsync(long no, string? runId, string? outcome, CancellationToken ct = default) =>
        store.WriteAsync(connection =>
        {
            connection.Execute("UPDATE retraining_triggers SET run_id = @runId, outcome = @outcome WHERE no = @no", new { no, runId, outcome });
        }, ct);

    /// <summary>The triggers of a model, newest first.</summary>
    public Task<IReadOnlyList<RetrainingTrigger>> ListAsync(string model, int limit = 100, CancellationToken ct = default) =>
        store.ReadAsync(connection => Read(connection, model, limit), ct);

    private static IReadOnlyList<RetrainingTrigger> Read(DbConnection connection, string model, int limit) =>
        [.. connection.Query<(long No, string Model, long At, string Signal, string? RunId, string? Outcome)>(
            "SELECT no, model, at, signal, run_id, outcome FROM retraining_triggers WHERE model = @model ORDER BY at DESC, no DESC LIMIT @limit",
            new { model, limit })
            .Select(row => new RetrainingTrigger(row.No, row.Model, Ticks.ToTime(row.At), row.Signal, row.RunId, row.Outcome))];
}
