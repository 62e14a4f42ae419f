using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Results of stages by fingerprint. Their artifacts are referenced as long as the result is kept.</summary>
internal static class StageResultTable
{
    public const string OwnerKind = "stage-result";
    private const string Columns = "run_id AS RunId, outputs AS Outputs, inputs AS Inputs, saved_at AS SavedAt";

    /// <summary>Keeps a result, over one of the same fingerprint.</summary>
    public static void Put(
        DbConnection connection,
        string lifecycle,
        LifecycleStage stage,
        string fingerprint,
        StageResultRow row,
        IEnumerable<ArtifactId> artifacts)
    {
        // A new number, which makes it the newest.
        var parameters = new { lifecycle, stage = (int)stage, fingerprint, row.RunId, row.Outputs, row.Inputs, row.SavedAt };
        var former = connection.ExecuteScalar<long?>(
            "DELETE FROM stage_results WHERE lifecycle = @lifecycle AND stage = @stage AND fingerprint = @fingerprint RETURNING no",
            parameters);
        if (former is { } replaced) ArtifactRefTable.Remove(connection, OwnerKind, OwnerOf(replaced));
        var no = connection.ExecuteScalar<long>("""
            INSERT INTO stage_results(lifecycle, stage, fingerprint, run_id, outputs, inputs, saved_at)
            VALUES (@lifecycle, @stage, @fingerprint, @RunId, @Outputs, @Inputs, @SavedAt) RETURNING no
            """,
            parameters);
        ArtifactRefTable.Add(connection, OwnerKind, OwnerOf(no), artifacts);
    }

    public static StageResultRow? Find(DbConnection connection, string lifecycle, LifecycleStage stage, string fingerprint) =>
        connection.QuerySingleOrDefault<StageResultRow>(
            $"SELECT {Columns} FROM stage_results WHERE lifecycle = @lifecycle AND stage = @stage AND fingerprint = @fingerprint",
            new { lifecycle, stage = (int)stage, fingerprint });

    /// <summary>The result that was kept last.</summary>
    public static StageResultRow? Newest(DbConnection connection, string lifecycle, LifecycleStage stage) =>
        connection.QueryFirstOrDefault<StageResultRow>(
            $"SELECT {Columns} FROM stage_results WHERE lifecycle = @lifecycle AND stage = @stage ORDER BY no DESC LIMIT 1",
            new { lifecycle, stage = (int)stage });

    private static string OwnerOf(long no) => no.ToString(CultureInfo.InvariantCulture);
}
