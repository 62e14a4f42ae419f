using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What answers where models do not, and did before. Rows are only added; their number is the generation.</summary>
internal static class FallbackTable
{
    private const string Columns = "no AS No, model AS Model, fallback AS Fallback, at AS At, actor AS Actor, reason AS Reason";

    public static long Insert(DbConnection connection, FallbackRow row) => connection.ExecuteScalar<long>(
        "INSERT INTO fallbacks(model, fallback, at, actor, reason) VALUES (@Model, @Fallback, @At, @Actor, @Reason) RETURNING no", row);

    public static FallbackRow? Find(DbConnection connection, string model) => connection.QuerySingleOrDefault<FallbackRow>(
        $"SELECT {Columns} FROM fallbacks WHERE model = @model ORDER BY no DESC LIMIT 1", new { model });

    /// <summary>All changes of a model, newest first.</summary>
    public static IReadOnlyList<FallbackRow> History(DbConnection connection, string model) =>
        [.. connection.Query<FallbackRow>($"SELECT {Columns} FROM fallbacks WHERE model = @model ORDER BY no DESC", new { model })];
}
