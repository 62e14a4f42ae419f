using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Attestations over model versions; only added to, the newest counts.</summary>
internal static class BlessingTable
{
    public static void Insert(DbConnection connection, BlessingRow row) =>
        connection.Execute("""
            INSERT INTO blessings(model, version, content_hash, issued_at, actor, gates)
            VALUES (@Model, @Version, @ContentHash, @IssuedAt, @Actor, @Gates)
            """, row);

    /// <summary>The versions of a model that have attestations.</summary>
    public static IReadOnlyList<int> Versions(DbConnection connection, string model) =>
        [.. connection.Query<int>("SELECT DISTINCT version FROM blessings WHERE model = @model", new { model })];

    /// <summary>The attestations of a version, newest first.</summary>
    public static IReadOnlyList<BlessingRow> Read(DbConnection connection, string model, int version) =>
        [.. connection.Query<BlessingRow>("""
            SELECT model AS Model, version AS Version, content_hash AS ContentHash, issued_at AS IssuedAt, actor AS Actor, gates AS Gates
            FROM blessings WHERE model = @model AND version = @version ORDER BY no DESC
            """, new { model, version })];
}
