using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Signals that called for retraining. Thread-safe.</summary>
internal sealed class RetrainingTable(RelationalStore store)
{
    /// <summary>How often a retraining is tried before it is given up.</summary>
    public const int MaxAttempts = 3;

    private const string NewestIsGivenUp =
        """
        no = (SELECT max(no) FROM retraining_triggers WHERE model = @model) AND outcome IS NOT NULL AND run_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM runs WHERE id = run_id AND state = 'Succeeded')
        """;

    /// <summary>
    /// Adds a trigger, unless the model had one within the cooldown. Decided under the write lock: of several processes one wins.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="at">When it is raised.</param>
    /// <param name="signal">What raises it.</param>
    /// <param name="cooldown">How long after one the next may come; zero for always.</param>
    /// <param name="record">What else belongs to the same commit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The trigger, or <see langword="null"/> during the cooldown.</returns>
    public Task<RetrainingTrigger?> TryAppendAsync(
        string model,
        DateTimeOffset at,
        string signal,
        TimeSpan cooldown,
        Action<DbConnection>? record = null,
        CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            var newest = connection.ExecuteScalar<long?>(
                "SELECT at FROM retraining_triggers WHERE model = @model ORDER BY no DESC LIMIT 1",
                new { model });

            // A last one that lies in the future was noted before the clock was set back: it tells nothing.
            var isCooling = Ticks.ToTime(newest) is { } last && last <= store.Clock.GetUtcNow() && at - last < cooldown;
            if (isCooling && cooldown > TimeSpan.Zero) return null;
            var trigger = Append(connection, model, at, signal);
            record?.Invoke(connection);
            return trigger;
        }, cancellationToken);

    /// <summary>Adds a trigger, inside the caller's write.</summary>
    public static RetrainingTrigger Append(DbConnection connection, string model, DateTimeOffset at, string signal)
    {
        var no = connection.ExecuteScalar<long>(
            "INSERT INTO retraining_triggers(model, at, signal) VALUES (@model, @at, @signal) RETURNING no",
            new { model, at = at.UtcTicks, signal });
        return new RetrainingTrigger(no, model, at, signal, null, null);
    }

    /// <summary>Whether a trigger whose signal begins with a text has no outcome yet.</summary>
    public static bool IsOpen(DbConnection connection, string model, string signal) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM retraining_triggers WHERE model = @model AND outcome IS NULL " +
            "AND substr(signal, 1, @length) = @signal)",
        new { model, signal, length = signal.Length });

    /// <summary>The oldest trigger of a model that nothing came of yet.</summary>
    public Task<RetrainingTrigger?> FindOpenAsync(string model, CancellationToken cancellationToken = default) =>
        store.ReadAsync(
            connection => Read(connection, "model = @model AND outcome IS NULL ORDER BY no LIMIT 1", new { model }).SingleOrDefault(),
            cancellationToken);

    /// <summary>The newest trigger of a model, if it was given up; <see langword="null"/> otherwise.</summary>
    public Task<RetrainingTrigger?> FindGivenUpAsync(string model, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => Read(connection, NewestIsGivenUp, new { model }).SingleOrDefault(), cancellationToken);

    /// <summary>Asks again, inside the caller's write, for the newest retraining of a model, if it was given up.</summary>
    /// <returns>What had requested it; <see langword="null"/> when it was not given up.</returns>
    public static string? Revive(DbConnection connection, string model) => connection.QuerySingleOrDefault<string?>(
        $"UPDATE retraining_triggers SET outcome = NULL, run_id = NULL, attempts = 0 WHERE {NewestIsGivenUp} RETURNING signal",
        new { model });

    /// <summary>
    /// Takes a trigger for a run, inside the caller's write: of several processes one wins. Who was given it too often is closed instead.
    /// </summary>
    /// <param name="connection">The connection that holds the write lock.</param>
    /// <param name="no">The trigger.</param>
    /// <param name="runId">The run that is to answer it.</param>
    /// <param name="isRunning">Whether a run is worked on now.</param>
    /// <returns>Whether the run has it.</returns>
    public static bool TryClaim(DbConnection connection, long no, string runId, Predicate<RunRow> isRunning)
    {
        var claim = connection.QuerySingleOrDefault<(string? RunId, long Attempts)?>(
            "SELECT run_id, attempts FROM retraining_triggers WHERE no = @no AND outcome IS NULL",
            new { no });
        if (claim is not { } last || (last.RunId is not null && RunTable.Find(connection, last.RunId) is { } holder && isRunning(holder)))
        {
            return false;
        }
        if (last.Attempts >= MaxAttempts)
        {
            connection.Execute(
                "UPDATE retraining_triggers SET outcome = @outcome WHERE no = @no",
                new { no, outcome = $"given up after {last.Attempts} attempts; the last was run {last.RunId}" });
            return false;
        }

        return connection.Execute("UPDATE retraining_triggers SET run_id = @runId, " +
            "attempts = attempts + 1 WHERE no = @no AND outcome IS NULL", new { no, runId }) == 1;
    }

    /// <summary>
    /// Notes that a run ended without an answer: the trigger stays, unless it had its last attempt. An attempt that was
    /// only cancelled does not count.
    /// </summary>
    /// <param name="no">The trigger.</param>
    /// <param name="runId">The run that ended.</param>
    /// <param name="error">Why it is given up, if it is.</param>
    /// <param name="isCancelled">Whether the run was cancelled.</param>
    /// <param name="attempts">After how many attempts it is given up.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task FailAsync(
        long no,
        string runId,
        string error,
        bool isCancelled,
        int attempts = MaxAttempts,
        CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            connection.Execute(
                isCancelled
                    ? "UPDATE retraining_triggers SET attempts = attempts - 1 WHERE no = @no AND run_id = @runId AND outcome IS NULL"
                    : "UPDATE retraining_triggers SET outcome = @error WHERE no = @no AND run_id = @runId AND outcome IS NULL AND " +
                        "attempts >= @attempts",
                new { no, runId, error, attempts });
        }, cancellationToken);

    /// <summary>Notes the run of a trigger and what came of it.</summary>
    public Task SetOutcomeAsync(long no, string? runId, string? outcome, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            connection.Execute(
                "UPDATE retraining_triggers SET run_id = @runId, outcome = @outcome WHERE no = @no",
                new { no, runId, outcome });
        }, cancellationToken);

    /// <summary>The triggers of a model, newest first.</summary>
    public Task<IReadOnlyList<RetrainingTrigger>> ListAsync(string model, int limit = 100, CancellationToken cancellationToken = default) =>
        store.ReadAsync(
            connection => Read(connection, "model = @model ORDER BY no DESC LIMIT @limit", new { model, limit }),
            cancellationToken);

    private static IReadOnlyList<RetrainingTrigger> Read(DbConnection connection, string which, object parameters) =>
        [.. connection.Query<(long No, string Model, long At, string Signal, string? RunId, string? Outcome)>(
            $"SELECT no, model, at, signal, run_id, outcome FROM retraining_triggers WHERE {which}", parameters)
            .Select(row => new RetrainingTrigger(row.No, row.Model, Ticks.ToTime(row.At), row.Signal, row.RunId, row.Outcome))];
}
