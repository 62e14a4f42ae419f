using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Requests for approval, and what was decided on them. Rows are only added: the decisions tell how a request stands.</summary>
internal static class ApprovalTable
{
    private const string Columns =
        "a.no AS No, a.model AS Model, a.version AS Version, a.content_hash AS ContentHash, a.kind AS Kind, a.live AS Live, " +
        "a.requester AS Requester, a.requester_id AS RequesterId, a.authors AS Authors, a.policy AS Policy, a.afterwards AS Afterwards, " +
        "a.run AS Run, a.release AS Release, a.requested_at AS RequestedAt, a.expires_at AS ExpiresAt, a.reason AS Reason";

    private const string DecisionColumns =
        "d.no AS No, d.approval AS Approval, d.decision AS Decision, d.actor AS Actor, d.actor_id AS ActorId, " +
        "d.roles AS Roles, d.at AS At, d.reason AS Reason";

    private const string JoinColumns =
        "j.no AS No, j.approval AS Approval, j.run AS Run, j.live AS Live, j.actor AS Actor, j.authors AS Authors, " +
        "j.release AS Release, j.at AS At, j.leaves AS Leaves";

    // What was approved is not over until it was done.
    private const string IsOpen =
        "NOT EXISTS (SELECT 1 FROM approval_decisions d WHERE d.approval = a.no AND d.decision <> 'Approved')";

    // A run that left a request does not wait for it, until it joins it again.
    private const string RunsOf =
        """
        SELECT run FROM approvals WHERE no = @approval
            AND NOT EXISTS (SELECT 1 FROM approval_joins l WHERE l.approval = @approval AND l.run = approvals.run AND l.leaves = 1)
        UNION SELECT j.run FROM approval_joins j WHERE j.approval = @approval AND j.leaves = 0
            AND NOT EXISTS (
                SELECT 1 FROM approval_joins l WHERE l.approval = @approval AND l.run = j.run AND l.leaves = 1 AND l.no > j.no)
        """;

    private const string RequestsOfRun =
        """
        SELECT r.no FROM approvals r WHERE r.run = @run
            AND NOT EXISTS (SELECT 1 FROM approval_joins l WHERE l.approval = r.no AND l.run = @run AND l.leaves = 1)
        UNION SELECT j.approval FROM approval_joins j WHERE j.run = @run AND j.leaves = 0
            AND NOT EXISTS (
                SELECT 1 FROM approval_joins l WHERE l.approval = j.approval AND l.run = @run AND l.leaves = 1 AND l.no > j.no)
        """;

    /// <returns>The number of the request.</returns>
    public static long Insert(DbConnection connection, ApprovalRow row) => connection.ExecuteScalar<long>(
        """
        INSERT INTO approvals(
            model, version, content_hash, kind, live, requester, requester_id, authors, policy, afterwards, run, release, requested_at,
            expires_at, reason)
        VALUES (
            @Model, @Version, @ContentHash, @Kind, @Live, @Requester, @RequesterId, @Authors, @Policy, @Afterwards, @Run, @Release,
            @RequestedAt, @ExpiresAt, @Reason)
        RETURNING no
        """,
        row);

    public static void Insert(DbConnection connection, ApprovalDecisionRow row) => connection.Execute(
        """
        INSERT INTO approval_decisions(approval, decision, actor, actor_id, roles, at, reason)
        VALUES (@Approval, @Decision, @Actor, @ActorId, @Roles, @At, @Reason)
        """,
        row);

    public static ApprovalRow? Find(DbConnection connection, long no) =>
        connection.QuerySingleOrDefault<ApprovalRow>($"SELECT {Columns} FROM approvals a WHERE a.no = @no", new { no });

    /// <summary>Requests, newest first.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="model">Only of this model; <see langword="null"/> for all.</param>
    /// <param name="isOpen">Only those on which nothing but approvals was decided.</param>
    /// <param name="limit">How many at most.</param>
    public static IReadOnlyList<ApprovalRow> List(DbConnection connection, string? model, bool isOpen, int limit) =>
    [
        .. connection.Query<ApprovalRow>(
            $"""
            SELECT {Columns} FROM approvals a
            WHERE 1 = 1 {(model is null ? "" : "AND a.model = @model")} {(isOpen ? $"AND {IsOpen}" : "")}
            ORDER BY a.no DESC LIMIT @limit
            """,
            new { model, limit }),
    ];

    /// <summary>Requests that ended in one way, newest first.</summary>
    public static IReadOnlyList<ApprovalRow> ListEnded(DbConnection connection, string? model, string decision, int limit) =>
    [
        .. connection.Query<ApprovalRow>(
            $"""
            SELECT {Columns} FROM approvals a
            WHERE EXISTS (SELECT 1 FROM approval_decisions d WHERE d.approval = a.no AND d.decision = @decision)
            {(model is null ? "" : "AND a.model = @model")}
            ORDER BY a.no DESC LIMIT @limit
            """,
            new { model, decision, limit }),
    ];

    /// <summary>What was decided on a request, in order.</summary>
    public static IReadOnlyList<ApprovalDecisionRow> Decisions(DbConnection connection, long approval) =>
    [
        .. connection.Query<ApprovalDecisionRow>(
            $"SELECT {DecisionColumns} FROM approval_decisions d WHERE d.approval = @approval ORDER BY d.no", new { approval }),
    ];

    /// <summary>What was decided on all requests of a model, newest first.</summary>
    public static IReadOnlyList<ApprovalDecisionRow> DecisionsOf(DbConnection connection, string model) =>
    [
        .. connection.Query<ApprovalDecisionRow>(
            $"SELECT {DecisionColumns} FROM approval_decisions d JOIN approvals a ON a.no = d.approval " +
                "WHERE a.model = @model ORDER BY d.no DESC",
            new { model }),
    ];

    /// <summary>The models that requests or policies speak of.</summary>
    public static IReadOnlyList<string> Models(DbConnection connection) =>
        [.. connection.Query<string>("SELECT model FROM approvals UNION SELECT model FROM approval_policies")];

    public static void Insert(DbConnection connection, ApprovalJoinRow row) => connection.Execute(
        """
        INSERT INTO approval_joins(approval, run, live, actor, authors, release, at, leaves)
        VALUES (@Approval, @Run, @Live, @Actor, @Authors, @Release, @At, @Leaves)
        """,
        row);

    /// <summary>What came to a request, in order.</summary>
    public static IReadOnlyList<ApprovalJoinRow> Joins(DbConnection connection, long approval) =>
    [
        .. connection.Query<ApprovalJoinRow>(
            $"SELECT {JoinColumns} FROM approval_joins j WHERE j.approval = @approval ORDER BY j.no", new { approval }),
    ];

    /// <summary>What came to all requests of a model, newest first.</summary>
    public static IReadOnlyList<ApprovalJoinRow> JoinsOf(DbConnection connection, string model) =>
    [
        .. connection.Query<ApprovalJoinRow>(
            $"SELECT {JoinColumns} FROM approval_joins j JOIN approvals a ON a.no = j.approval WHERE a.model = @model ORDER BY j.no DESC",
            new { model }),
    ];

    /// <summary>The newest request that a run waits for, or waited for to the end.</summary>
    public static ApprovalRow? FindOfRun(DbConnection connection, string run) => connection.QuerySingleOrDefault<ApprovalRow>(
        $"""
        SELECT {Columns} FROM approvals a
        WHERE a.no IN ({RequestsOfRun})
        ORDER BY a.no DESC LIMIT 1
        """,
        new { run });

    /// <summary>The requests that a run waits for and on which nothing but approvals was decided.</summary>
    public static IReadOnlyList<ApprovalRow> OpenOfRun(DbConnection connection, string run) =>
    [
        .. connection.Query<ApprovalRow>(
            $"""
            SELECT {Columns} FROM approvals a
            WHERE a.no IN ({RequestsOfRun}) AND {IsOpen}
            ORDER BY a.no
            """,
            new { run }),
    ];

    /// <summary>Whether a run that waits for a request can still go on by itself.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="approval">The request.</param>
    /// <param name="except">A run that does not count; <see langword="null"/> for none.</param>
    public static bool HasRunThatGoesOn(DbConnection connection, long approval, string? except = null) => connection.ExecuteScalar<long>(
        $"""
        SELECT count(*) FROM runs
        WHERE state IN ('AwaitingApproval', 'Running') AND id IN ({RunsOf}) AND id <> @except
        """,
        new { approval, except = except ?? "" }) > 0;

    /// <summary>The runs of a lifecycle that wait now, oldest first.</summary>
    public static IReadOnlyList<string> WaitingRuns(DbConnection connection, string lifecycle) =>
        [.. connection.Query<string>(
            "SELECT id FROM runs WHERE lifecycle = @lifecycle AND state = 'AwaitingApproval' ORDER BY no", new { lifecycle })];

    /// <summary>Ends the runs that wait for a request.</summary>
    public static void EndRuns(DbConnection connection, long approval, string state, long at, string error) => connection.Execute(
        $"""
        UPDATE runs SET state = @state, ended_at = @at, error = @error
        WHERE state = 'AwaitingApproval' AND id IN ({RunsOf})
        """,
        new { approval, state, at, error });

    /// <summary>Takes a notice on a request, so that one process sends it.</summary>
    /// <returns>Whether nobody had taken it.</returns>
    public static bool TryTakeNotice(DbConnection connection, long approval, long notice) => connection.Execute(
        "INSERT INTO approval_notices(approval, notice) VALUES (@approval, @notice) ON CONFLICT DO NOTHING",
        new { approval, notice }) == 1;

    /// <summary>The number of the last notice that was taken; <see langword="null"/> when none was.</summary>
    public static long? LastNotice(DbConnection connection, long approval) =>
        connection.ExecuteScalar<long?>("SELECT max(notice) FROM approval_notices WHERE approval = @approval", new { approval });
}
