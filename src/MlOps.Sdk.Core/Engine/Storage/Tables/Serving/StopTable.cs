using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>When models were stopped and resumed. Rows are only added; their number is the generation.</summary>
internal static class StopTable
{
    private const string Columns = "no AS No, model AS Model, stopped AS Stopped, at AS At, actor AS Actor, reason AS Reason";

    public static long Insert(DbConnection connection, StopRow row) => connection.ExecuteScalar<long>(
        "INSERT INTO stops(model, stopped, at, actor, reason) VALUES (@Model, @Stopped, @At, @Actor, @Reason) RETURNING no", row);

    public static StopRow? Find(DbConnection connection, string model) => connection.QuerySingleOrDefault<StopRow>(
        $"SELECT {Columns} FROM stops WHERE model = @model ORDER BY no DESC LIMIT 1", new { model });

    /// <summary>All changes of a model, newest first.</summary>
    public static IReadOnlyList<StopRow> History(DbConnection connection, string model) =>
        [.. connection.Query<StopRow>($"SELECT {Columns} FROM stops WHERE model = @model ORDER BY no DESC", new { model })];
}
