using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The entries of the audit log, and its newest hash once again beside them, so that a cut end shows.</summary>
internal static class AuditTable
{
    // What another program wrote may be of any type, and must not keep the other entries from being read: an entry with a value of a
    // wrong type, or a time that is none, has no hash, so that it never matches.
    private const string Columns =
        """
        a.seq AS Sequence, min(max(CAST(a.at AS INTEGER), 0), 3155378975999999999) AS At, CAST(a.actor AS TEXT) AS Actor,
        CAST(a.action AS TEXT) AS Action, CAST(a.subject AS TEXT) AS Subject, CAST(a.details AS TEXT) AS Details,
        CASE WHEN typeof(a.at) || typeof(a.actor) || typeof(a.action) || typeof(a.subject) || typeof(a.details) || typeof(a.hash)
                = 'integertexttexttexttexttext' AND a.at BETWEEN 0 AND 3155378975999999999
            THEN a.hash ELSE '' END AS Hash
        """;

    /// <summary>What is noted of the newest entry; <see langword="null"/> when nothing is that could be.</summary>
    public static AuditHeadRow? Head(DbConnection connection) => connection.QuerySingleOrDefault<AuditHeadRow>(
        "SELECT seq AS Sequence, hash AS Hash FROM audit_head WHERE typeof(seq) = 'integer' AND typeof(hash) = 'text'");

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
            $"SELECT {Columns} FROM audit a WHERE seq > @after {(subject is null ? "" : "AND subject = @subject")} " +
                "ORDER BY seq LIMIT @limit",
            new { after, subject, limit })];

    /// <summary>The entries between two numbers that meet all conditions which are set, in order, each with the hash before it.</summary>
    public static IReadOnlyList<(AuditRow Entry, string Previous)> ReadWhere(
        DbConnection connection,
        long after,
        long until,
        string? subject,
        string? actor,
        string? action,
        long? from,
        long? to,
        int limit)
    {
        string[] conditions =
        [
            "a.seq > @after AND a.seq <= @until",
            subject is null ? "" : "(a.subject = @subject OR (a.subject >= @below AND a.subject < @end))",
            actor is null ? "" : "a.actor = @actor",
            action is null ? "" : "a.action = @action",
            from is null ? "" : "a.at >= @from",
            to is null ? "" : "a.at < @to",
        ];
        return [.. Read(
            connection,
            string.Join(" AND ", conditions.Where(condition => condition.Length > 0)),
            new { after, until, subject, below = subject + "/", end = subject + (char)('/' + 1), actor, action, from, to, limit },
            "LIMIT @limit")];
    }

    /// <summary>The entries about a subject, in order, each with the hash of the entry before it.</summary>
    public static IEnumerable<(AuditRow Entry, string Previous)> ReadAbout(DbConnection connection, string subject) =>
        Read(connection, "a.subject = @subject", new { subject });

    /// <summary>The entries about subjects below a path that ends with a slash, in order, each with the hash of the one before.</summary>
    public static IEnumerable<(AuditRow Entry, string Previous)> ReadBelow(DbConnection connection, string path) =>
        Read(connection, "a.subject >= @path AND a.subject < @end", new { path, end = path[..^1] + (char)('/' + 1) });

    /// <summary>The entries behind one, whatever they are about, in order, each with the hash of the one before.</summary>
    public static IEnumerable<(AuditRow Entry, string Previous)> ReadAfter(DbConnection connection, long after) =>
        Read(connection, "a.seq > @after", new { after });

    /// <summary>The hash of an entry; <see langword="null"/> when there is none of the number.</summary>
    public static string? HashOf(DbConnection connection, long sequence) =>
        connection.ExecuteScalar<string?>("SELECT CAST(hash AS TEXT) FROM audit WHERE seq = @sequence", new { sequence });

    /// <summary>The subjects that begin with a prefix that ends with a colon.</summary>
    public static IReadOnlyList<string> Subjects(DbConnection connection, string prefix) =>
        [.. connection.Query<string>(
            "SELECT DISTINCT subject FROM audit WHERE subject >= @prefix AND subject < @end",
            new { prefix, end = prefix[..^1] + (char)(':' + 1) })];

    // Read one by one: a model that lives for long has many.
    private static IEnumerable<(AuditRow, string)> Read(DbConnection connection, string which, object parameters, string limit = "") =>
        connection.Query<AuditRow, string, (AuditRow, string)>(
            $"""
            SELECT {Columns}, coalesce((SELECT CAST(p.hash AS TEXT) FROM audit p WHERE p.seq = a.seq - 1), '') AS Previous
            FROM audit a WHERE {which} ORDER BY a.seq {limit}
            """,
            (entry, previous) => (entry, previous), parameters, buffered: false, splitOn: "Previous");
}
