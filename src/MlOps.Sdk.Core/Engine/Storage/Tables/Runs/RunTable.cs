using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Runs and who works on them. Every write of a run's owner names its token: who has lost the run writes nothing.</summary>
internal static class RunTable
{
    /// <summary>The columns of <c>runs r</c> as those of a <see cref="RunRow"/>.</summary>
    public const string Columns = """
        r.no AS No, r.id AS Id, r.lifecycle AS Lifecycle, r.state AS State, r.started_at AS StartedAt, r.ended_at AS EndedAt,
        r.seed AS Seed, r.cause AS Cause, r.parent_run AS ParentRun, r.error AS Error, r.kind AS Kind,
        r.owner_token AS OwnerToken, r.owner_machine AS OwnerMachine, r.owner_process AS OwnerProcess,
        r.owner_started AS OwnerStarted, r.lease_until AS LeaseUntil,
        r.results_of AS ResultsOf, r.from_stage AS FromStage
        """;

    public static long Insert(DbConnection connection, RunRow row) =>
        connection.ExecuteScalar<long>("""
            INSERT INTO runs(id, lifecycle, state, started_at, ended_at, seed, cause, parent_run, error, kind, environment,
                             owner_token, owner_machine, owner_process, owner_started, lease_until, results_of, from_stage)
            VALUES (@Id, @Lifecycle, @State, @StartedAt, @EndedAt, @Seed, @Cause, @ParentRun, @Error, @Kind, @Environment,
                    @OwnerToken, @OwnerMachine, @OwnerProcess, @OwnerStarted, @LeaseUntil, @ResultsOf, @FromStage)
            RETURNING no
            """, row);

    public static RunRow? Find(DbConnection connection, string id) =>
        connection.QuerySingleOrDefault<RunRow>($"SELECT {Columns} FROM runs r WHERE r.id = @id", new { id });

    /// <summary>The run that ended last of those of a lifecycle that succeeded, have a stage and are not a retraining.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="before">Only runs that ended before this one; <see langword="null"/> for all.</param>
    public static RunRow? FindLastSucceeded(DbConnection connection, string lifecycle, LifecycleStage stage, string? before) =>
        connection.QueryFirstOrDefault<RunRow>(
            $"""
            SELECT {Columns} FROM runs r
            WHERE r.lifecycle = @lifecycle AND r.state = 'Succeeded' AND r.parent_run IS NULL
                AND EXISTS (SELECT 1 FROM run_stages s WHERE s.run = r.no AND s.stage = @stage)
                AND (@before IS NULL OR r.end_no < (SELECT b.end_no FROM runs b WHERE b.id = @before))
            ORDER BY r.end_no DESC LIMIT 1
            """,
            new { lifecycle, stage = (int)stage, before });

    /// <summary>The run of a lifecycle that began last; not one of code of its own.</summary>
    public static RunRow? FindLatest(DbConnection connection, string lifecycle) => connection.QueryFirstOrDefault<RunRow>(
        $"SELECT {Columns} FROM runs r WHERE r.lifecycle = @lifecycle AND r.kind = 'Lifecycle' ORDER BY r.no DESC LIMIT 1",
        new { lifecycle });

    /// <summary>Runs in the order in which they began, newest first, read as they are requested.</summary>
    public static IEnumerable<RunRow> List(DbConnection connection, string? lifecycle, IReadOnlyList<string>? states) =>
        connection.Query<RunRow>(
            $"""
            SELECT {Columns} FROM runs r
            WHERE r.kind IN ('Lifecycle', 'Experiment')
                {(lifecycle is null ? "" : "AND r.lifecycle = @lifecycle")} {(states is null ? "" : "AND r.state IN @states")}
            ORDER BY r.no DESC
            """,
            new { lifecycle, states }, buffered: false);

    /// <summary>The runs that are stored as running, whether or not somebody works on them.</summary>
    public static IReadOnlyList<RunRow> Running(DbConnection connection) =>
        [.. connection.Query<RunRow>($"SELECT {Columns} FROM runs r WHERE r.state = 'Running'")];

    /// <summary>The runs of a lifecycle that are stored as running, whether or not somebody works on them.</summary>
    public static IReadOnlyList<RunRow> Running(DbConnection connection, string lifecycle) =>
    [
        .. connection.Query<RunRow>(
            $"SELECT {Columns} FROM runs r WHERE r.lifecycle = @lifecycle AND r.state = 'Running' AND r.kind = 'Lifecycle' ORDER BY r.no",
            new { lifecycle }),
    ];

    /// <summary>Whether a token owns a run, or owned it when it ended.</summary>
    public static bool IsOwner(DbConnection connection, long no, string token) =>
        connection.ExecuteScalar<long>(
            "SELECT EXISTS (SELECT 1 FROM runs WHERE no = @no AND owner_token = @token)", new { no, token }) == 1;

    /// <summary>The number of a run.</summary>
    public static long? NumberOf(DbConnection connection, string id) =>
        connection.ExecuteScalar<long?>("SELECT no FROM runs WHERE id = @id", new { id });

    /// <summary>Renews the lease of a running run.</summary>
    /// <returns>Whether the token still owns it.</returns>
    public static bool Renew(DbConnection connection, long no, string token, long leaseUntil) =>
        connection.Execute(
            "UPDATE runs SET lease_until = @leaseUntil WHERE no = @no AND owner_token = @token AND state = 'Running'",
            new { no, token, leaseUntil }) == 1;

    /// <summary>Ends a running run.</summary>
    /// <returns>Whether the token still owned it.</returns>
    public static bool End(DbConnection connection, long no, string token, string state, long endedAt, string? error) =>
        connection.Execute(
            "UPDATE runs SET state = @state, ended_at = @endedAt, " +
                "error = @error WHERE no = @no AND owner_token = @token AND state = 'Running'",
            new { no, token, state, endedAt, error }) == 1;

    /// <summary>Gives a run to a new owner, running again.</summary>
    public static void Take(DbConnection connection, RunRow owner) =>
        connection.Execute("""
            UPDATE runs SET state = 'Running', ended_at = NULL, error = NULL, owner_token = @OwnerToken, owner_machine = @OwnerMachine,
                            owner_process = @OwnerProcess, owner_started = @OwnerStarted, lease_until = @LeaseUntil
            WHERE no = @No
            """, owner);
}
