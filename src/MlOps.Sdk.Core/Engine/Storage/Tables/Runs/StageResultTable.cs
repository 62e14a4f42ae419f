using System.Data.Common;
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
        var no = connection.ExecuteScalar<long>("""
            INSERT INTO stage_results(lifecycle, stage, fingerprint, run_id, outputs, inputs, saved_at)
            VALUES (@lifecycle, @stage, @fingerprint, @RunId, @Outputs, @Inputs, @SavedAt)
            ON CONFLICT (lifecycle, stage, fingerprint) DO UPDATE SET
                run_id = excluded.run_id, outputs = excluded.outputs, inputs = excluded.inputs, saved_at = excluded.saved_at
            RETURNING no
            """,
            new { lifecycle, stage = (int)stage, fingerprint, row.RunId, row.Outputs, row.Inputs, row.SavedAt });
        var owner = no.ToString(System.Globalization.CultureInfo.InvariantCulture);
        ArtifactRefTable.Remove(connection, OwnerKind, owner);
        ArtifactRefTable.Add(connection, OwnerKind, owner, artifacts);
    }

    public static StageResultRow? Find(DbConnection connection, string lifecycle, LifecycleStage stage, string fingerprint) =>
        connection.QuerySingleOrDefault<StageResultRow>(
            $"SELECT {Columns} FROM stage_results WHERE lifecycle = @lifecycle AND stage = @stage AND fingerprint = @fingerprint",
            new { lifecycle, stage = (int)stage, fingerprint });

    public static StageResultRow? Newest(DbConnection connection, string lifecycle, LifecycleStage stage) =>
        connection.QueryFirstOrDefault<StageResultRow>(
            $"SELECT {Columns} FROM stage_results WHERE lifecycle = @lifecycle AND stage = @stage ORDER BY saved_at DESC, no DESC LIMIT 1",
            new { lifecycle, stage = (int)stage });
}
