using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The stages of runs.</summary>
internal static class RunStageTable
{
    private const string Columns =
        "run AS Run, stage AS Stage, state AS State, fingerprint AS Fingerprint, reason AS Reason, started_at AS StartedAt, elapsed AS " +
        "Elapsed, error AS Error, outputs AS Outputs";

    /// <summary>Writes a stage, over what was known of it.</summary>
    public static void Put(DbConnection connection, RunStageRow row) =>
        connection.Execute("""
            INSERT OR REPLACE INTO run_stages(run, stage, state, fingerprint, reason, started_at, elapsed, error, outputs)
            VALUES (@Run, @Stage, @State, @Fingerprint, @Reason, @StartedAt, @Elapsed, @Error, @Outputs)
            """, row);

    /// <summary>
    /// Keeps what a run recorded of a stage that it finished, with its time and reason, when it goes on.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="run">The run.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="fingerprint">The fingerprint of the result that is taken.</param>
    /// <param name="note">What is added to the reason; <see langword="null"/> for nothing.</param>
    /// <returns>Whether the run has finished the stage with that fingerprint.</returns>
    public static bool Keep(DbConnection connection, long run, LifecycleStage stage, string? fingerprint, string? note) =>
        connection.Execute(
            """
            UPDATE run_stages SET reason =
                CASE WHEN @note IS NULL OR reason LIKE '%' || @note THEN reason ELSE coalesce(reason || '; ', '') || @note END
            WHERE run = @run AND stage = @stage AND state IN ('Succeeded', 'Reused')
                AND coalesce(fingerprint, '') = coalesce(@fingerprint, '')
            """,
            new { run, stage = (int)stage, fingerprint, note }) == 1;

    /// <summary>Ends a stage.</summary>
    /// <returns>Whether the run has such a stage.</returns>
    public static bool End(DbConnection connection, RunStageRow row) =>
        connection.Execute(
            "UPDATE run_stages SET state = @State, elapsed = @Elapsed, error = @Error, " +
                "outputs = @Outputs WHERE run = @Run AND stage = @Stage", row) == 1;

    /// <summary>Adds to the reason of a stage.</summary>
    public static void AddReason(DbConnection connection, long run, LifecycleStage stage, string reason) => connection.Execute(
        "UPDATE run_stages SET reason = coalesce(reason || ', ', '') || @reason WHERE run = @run AND stage = @stage",
        new { run, stage = (int)stage, reason });

    /// <summary>Puts stages that never ended back to their beginning.</summary>
    public static void ResetUnfinished(DbConnection connection, long run) =>
        connection.Execute(
            "UPDATE run_stages SET state = 'Pending', started_at = NULL, elapsed = NULL WHERE run = @run AND state = 'Running'",
            new { run });

    /// <summary>Puts a stage and those behind it back to their beginning.</summary>
    public static void ResetFrom(DbConnection connection, long run, int stage) =>
        connection.Execute(
            """
            UPDATE run_stages
            SET state = 'Pending', fingerprint = NULL, reason = NULL, started_at = NULL, elapsed = NULL, error = NULL, outputs = NULL
            WHERE run = @run AND stage >= @stage
            """,
            new { run, stage });

    /// <summary>The fingerprint that a stage had in the latest run of its lifecycle before a given one.</summary>
    public static string? PreviousFingerprint(DbConnection connection, string lifecycle, LifecycleStage stage, string runId) =>
        connection.QueryFirstOrDefault<string>("""
            SELECT s.fingerprint FROM runs r JOIN run_stages s ON s.run = r.no
            WHERE r.lifecycle = @lifecycle AND r.no < (SELECT no FROM runs WHERE id = @runId)
                AND s.stage = @stage AND s.state IN ('Succeeded', 'Reused')
            ORDER BY r.no DESC LIMIT 1
            """, new { lifecycle, stage = (int)stage, runId });

    /// <summary>The runs of a lifecycle that computed a stage with a fingerprint, with its outputs, the newest first.</summary>
    public static IReadOnlyList<(string Run, string? Outputs)> Makers(
        DbConnection connection, string lifecycle, LifecycleStage stage, string fingerprint) =>
    [
        .. connection.Query<(string, string?)>(
            """
            SELECT r.id, s.outputs FROM runs r JOIN run_stages s ON s.run = r.no
            WHERE r.lifecycle = @lifecycle AND s.stage = @stage AND s.fingerprint = @fingerprint AND s.state = 'Succeeded'
            ORDER BY r.no DESC
            """,
            new { lifecycle, stage = (int)stage, fingerprint }),
    ];

    /// <summary>The runs that computed what a run took or reused, of some of its stages.</summary>
    public static IReadOnlyList<string> Makers(DbConnection connection, string runId, IReadOnlyList<LifecycleStage> stages) =>
        [.. connection.Query<string>("""
            SELECT DISTINCT o.id FROM runs r
                JOIN run_stages s ON s.run = r.no AND s.state = 'Reused' AND s.stage IN @stages
                JOIN runs o ON o.lifecycle = r.lifecycle AND o.no <> r.no
                JOIN run_stages m ON m.run = o.no AND m.stage = s.stage AND m.fingerprint = s.fingerprint AND m.outputs = s.outputs
                    AND m.state = 'Succeeded'
            WHERE r.id = @runId
            """, new { runId, stages = stages.Select(stage => (int)stage).ToArray() })];

    // SQLite takes 32,766 parameters at most.
    public static ILookup<long, RunStageRow> Read(DbConnection connection, IReadOnlyCollection<long> runs) => runs.Chunk(10_000)
        .SelectMany(some => connection.Query<RunStageRow>(
            $"SELECT {Columns} FROM run_stages WHERE run IN @some ORDER BY run, stage",
            new { some }))
        .ToLookup(row => row.Run);
}
