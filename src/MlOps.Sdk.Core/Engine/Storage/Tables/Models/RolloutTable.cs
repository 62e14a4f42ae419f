using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Every decision on rollouts. Rows are only added; the newest of a model tells how its last rollout stands.</summary>
internal static class RolloutTable
{
    private const string Columns =
        "no AS No, rollout AS Rollout, model AS Model, version AS Version, live AS Live, strategy AS Strategy, state AS State, " +
        "share AS Share, started_at AS StartedAt, at AS At, position AS Position, actor AS Actor, reason AS Reason, " +
        "findings AS Findings, generation AS Generation, largest_error AS LargestError";

    /// <returns>The number of the row.</returns>
    public static long Insert(DbConnection connection, RolloutRow row)
    {
        var no = connection.ExecuteScalar<long>(
            """
            INSERT INTO rollouts(
                rollout, model, version, live, strategy, state, share, started_at, at, position, actor, reason, findings, generation,
                largest_error)
            VALUES (
                @Rollout, @Model, @Version, @Live, @Strategy, @State, @Share, @StartedAt, @At, @Position, @Actor, @Reason, @Findings,
                @Generation, @LargestError)
            RETURNING no
            """,
            row);
        if (row.Rollout == 0) connection.Execute("UPDATE rollouts SET rollout = no WHERE no = @no", new { no });
        return no;
    }

    public static RolloutRow? Find(DbConnection connection, string model) => connection.QuerySingleOrDefault<RolloutRow>(
        $"SELECT {Columns} FROM rollouts WHERE model = @model ORDER BY no DESC LIMIT 1", new { model });

    /// <summary>The decisions on a model's rollouts, the newest first.</summary>
    public static IReadOnlyList<RolloutRow> History(DbConnection connection, string model, int limit) =>
    [
        .. connection.Query<RolloutRow>(
            $"SELECT {Columns} FROM rollouts WHERE model = @model ORDER BY no DESC LIMIT @limit", new { model, limit }),
    ];

    /// <summary>The decisions on one rollout, the oldest first.</summary>
    public static IReadOnlyList<RolloutRow> Steps(DbConnection connection, long rollout) =>
    [
        .. connection.Query<RolloutRow>($"SELECT {Columns} FROM rollouts WHERE rollout = @rollout ORDER BY no", new { rollout }),
    ];

    /// <summary>The last decision on the last rollout of a version; <see langword="null"/> when there was none.</summary>
    public static RolloutRow? FindOf(DbConnection connection, string model, int version) =>
        connection.QuerySingleOrDefault<RolloutRow>(
            $"SELECT {Columns} FROM rollouts WHERE model = @model AND version = @version ORDER BY no DESC LIMIT 1",
            new { model, version });
}
