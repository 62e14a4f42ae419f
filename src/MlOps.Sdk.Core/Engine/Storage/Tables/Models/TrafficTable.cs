using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>How calls of models are divided over versions, and were before. Rows are only added; their number is the generation.</summary>
internal static class TrafficTable
{
    private const string Columns = "no AS No, model AS Model, arms AS Arms, shadows AS Shadows, at AS At, actor AS Actor, reason AS Reason";

    public static long Insert(DbConnection connection, TrafficRow row) => connection.ExecuteScalar<long>(
        "INSERT INTO traffic(model, arms, shadows, at, actor, reason) VALUES (@Model, @Arms, @Shadows, @At, @Actor, @Reason) RETURNING no",
        row);

    public static TrafficRow? Find(DbConnection connection, string model) => connection.QuerySingleOrDefault<TrafficRow>(
        $"SELECT {Columns} FROM traffic WHERE model = @model ORDER BY no DESC LIMIT 1", new { model });

    /// <summary>All changes of a model, newest first.</summary>
    public static IReadOnlyList<TrafficRow> History(DbConnection connection, string model) =>
        [.. connection.Query<TrafficRow>($"SELECT {Columns} FROM traffic WHERE model = @model ORDER BY no DESC", new { model })];
}
