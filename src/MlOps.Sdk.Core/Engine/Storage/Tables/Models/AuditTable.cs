using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The entries of the audit log, and its newest hash once more beside them, so that a cut end shows.</summary>
internal static class AuditTable
{
    private const string Columns =
        "seq AS Sequence, at AS At, actor AS Actor, action AS Action, subject AS Subject, details AS Details, hash AS Hash";

    public static AuditHeadRow? Head(DbConnection connection) =>
        connection.QuerySingleOrDefault<AuditHeadRow>("SELECT seq AS Sequence, hash AS Hash FROM audit_head");

    public static void Insert(DbConnection connection, AuditRow row)
    {
        connection.Execute(
            "INSERT INTO audit(seq, at, actor, action, subject, details, hash) VALUES (@Sequence, @At, @Actor, @Action, " +
                "@Subject, @Details, @Hash)", row);
        connection.Execute(
            "INSERT INTO audit_head(one, seq, hash) VALUES (1, @Sequence, " +
                "@Hash) ON CONFLICT (one) DO UPDATE SET seq = @Sequence, hash = @Hash", row);
    }

    public static IReadOnlyList<AuditRow> Read(DbConnection connection, long after, string? subject, int limit) =>
        [.. connection.Query<AuditRow>(
            $"SELECT {Columns} FROM audit WHERE seq > @after {(subject is null ? "" : "AND subject = @subject")} ORDER BY seq LIMIT @limit",
            new { after, subject, limit })];
}
