using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The entries of the audit log, and its newest hash once again beside them, so that a cut end shows.</summary>
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

    /// <summary>The entries about a subject, in order, each with the hash of the entry before it.</summary>
    public static IReadOnlyList<(AuditRow Entry, string Previous)> ReadAbout(DbConnection connection, string subject) =>
        Read(connection, "a.subject = @subject", new { subject });

    /// <summary>The entries about subjects below a path that ends with a slash, in order, each with the hash of the one before.</summary>
    public static IReadOnlyList<(AuditRow Entry, string Previous)> ReadBelow(DbConnection connection, string path) =>
        Read(connection, "a.subject >= @path AND a.subject < @end", new { path, end = path[..^1] + (char)('/' + 1) });

    /// <summary>The subjects that begin with a prefix that ends with a colon.</summary>
    public static IReadOnlyList<string> Subjects(DbConnection connection, string prefix) =>
        [.. connection.Query<string>(
            "SELECT DISTINCT subject FROM audit WHERE subject >= @prefix AND subject < @end",
            new { prefix, end = prefix[..^1] + (char)(':' + 1) })];

    private static IReadOnlyList<(AuditRow, string)> Read(DbConnection connection, string which, object parameters) =>
        [.. connection.Query<AuditRow, string, (AuditRow, string)>(
            $"""
            SELECT a.seq AS Sequence, a.at AS At, a.actor AS Actor, a.action AS Action, a.subject AS Subject, a.details AS Details,
                a.hash AS Hash, coalesce((SELECT p.hash FROM audit p WHERE p.seq = a.seq - 1), '') AS Previous
            FROM audit a WHERE {which} ORDER BY a.seq
            """,
            (entry, previous) => (entry, previous), parameters, splitOn: "Previous")];
}
