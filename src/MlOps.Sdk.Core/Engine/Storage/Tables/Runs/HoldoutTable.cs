using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Looks at sealed rows; only added to.</summary>
internal static class HoldoutTable
{
    public static long Insert(DbConnection connection, HoldoutRow row) =>
        connection.ExecuteScalar<long>("""
            INSERT INTO holdout_looks(lifecycle, run_id, purpose, rows_hash, row_count, at)
            VALUES (@Lifecycle, @RunId, @Purpose, @RowsHash, @RowCount, @At) RETURNING no
            """, row);

    public static IReadOnlyList<string> Lifecycles(DbConnection connection) =>
        [.. connection.Query<string>("SELECT DISTINCT lifecycle FROM holdout_looks")];

    public static IReadOnlyList<HoldoutRow> Read(DbConnection connection, string lifecycle) =>
        [.. connection.Query<HoldoutRow>("""
            SELECT no AS No, lifecycle AS Lifecycle, run_id AS RunId, purpose AS Purpose, rows_hash AS RowsHash,
                row_count AS RowCount, at AS At
            FROM holdout_looks WHERE lifecycle = @lifecycle ORDER BY no
            """, new { lifecycle })];
}
