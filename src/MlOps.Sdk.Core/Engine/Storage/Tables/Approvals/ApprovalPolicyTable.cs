using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Who must approve what goes live of a model, and had to before. Rows are only added.</summary>
internal static class ApprovalPolicyTable
{
    private const string Columns = "no AS No, model AS Model, policy AS Policy, at AS At, actor AS Actor, reason AS Reason";

    public static void Insert(DbConnection connection, ApprovalPolicyRow row) => connection.Execute(
        "INSERT INTO approval_policies(model, policy, at, actor, reason) VALUES (@Model, @Policy, @At, @Actor, @Reason)", row);

    public static ApprovalPolicyRow? Find(DbConnection connection, string model) => connection.QuerySingleOrDefault<ApprovalPolicyRow>(
        $"SELECT {Columns} FROM approval_policies WHERE model = @model ORDER BY no DESC LIMIT 1", new { model });

    /// <summary>All changes of a model, newest first.</summary>
    public static IReadOnlyList<ApprovalPolicyRow> History(DbConnection connection, string model) =>
        [.. connection.Query<ApprovalPolicyRow>(
            $"SELECT {Columns} FROM approval_policies WHERE model = @model ORDER BY no DESC", new { model })];
}
