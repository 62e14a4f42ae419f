using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Alerts, with how they stand. Inside the caller's read or write.</summary>
internal static class AlertTable
{
    private const string Columns =
        "id AS Id, model AS Model, at AS At, severity AS Severity, signal AS Signal, message AS Message, state AS State, " +
        "version AS Version, status AS Status, subjects AS Subjects, open_subjects AS OpenSubjects, failure AS Failure, " +
        "acknowledged_at AS AcknowledgedAt, acknowledged_by AS AcknowledgedBy, acknowledged_why AS AcknowledgedWhy, " +
        "ended_at AS EndedAt, ended_by AS EndedBy, ended_why AS EndedWhy";

    private const string IsActive = "status IN ('Open', 'Acknowledged')";

    /// <summary>Adds an alert; one of the same id is left as it is.</summary>
    /// <returns>Whether it was new.</returns>
    public static bool Insert(DbConnection connection, AlertRow alert) => connection.Execute(
        """
        INSERT OR IGNORE INTO alerts(id, model, at, severity, signal, message, state, version, status, subjects, open_subjects)
        VALUES (@Id, @Model, @at, @Severity, @Signal, @Message, @State, @Version, @Status, @Subjects, @OpenSubjects)
        """,
        new
        {
            alert.Id,
            alert.Model,
            at = alert.At.UtcTicks,
            alert.Severity,
            alert.Signal,
            alert.Message,
            alert.State,
            alert.Version,
            alert.Status,
            alert.Subjects,
            alert.OpenSubjects,
        }) == 1;

    /// <returns>Whether there is such an alert.</returns>
    public static bool SetDelivery(DbConnection connection, string id, string state, string? failure) => connection.Execute(
        "UPDATE alerts SET state = @state, failure = @failure WHERE id = @id", new { id, state, failure }) == 1;

    public static AlertRow? Find(DbConnection connection, string id) =>
        Read(connection, "id = @id", new { id }).SingleOrDefault();

    /// <summary>The alerts of a model, newest first.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="model">The model.</param>
    /// <param name="state">How their delivery stands; <see langword="null"/> for any.</param>
    /// <param name="status">How they stand; <see langword="null"/> for any.</param>
    /// <param name="limit">How many at most.</param>
    public static IReadOnlyList<AlertRow> List(DbConnection connection, string model, string? state, string? status, int limit) => Read(
        connection,
        $"model = @model {(state is null ? "" : "AND state = @state")} {(status is null ? "" : "AND status = @status")} " +
            "ORDER BY no DESC LIMIT @limit",
        new { model, state, status, limit });

    /// <summary>The alerts of a model that are not over, oldest first.</summary>
    public static IReadOnlyList<AlertRow> Active(DbConnection connection, string model) =>
        Read(connection, $"model = @model AND {IsActive} ORDER BY no", new { model });

    /// <summary>Those of them whose delivery has not ended.</summary>
    public static IReadOnlyList<AlertRow> Pending(DbConnection connection, string model) =>
        Read(connection, $"model = @model AND state = 'pending' AND {IsActive} ORDER BY no", new { model });

    public static void Acknowledge(DbConnection connection, string id, long at, string by, string why) => connection.Execute(
        "UPDATE alerts SET status = 'Acknowledged', acknowledged_at = @at, acknowledged_by = @by, acknowledged_why = @why WHERE id = @id",
        new { id, at, by, why });

    public static void SetOpenSubjects(DbConnection connection, string id, string subjects) =>
        connection.Execute("UPDATE alerts SET open_subjects = @subjects WHERE id = @id", new { id, subjects });

    public static void End(DbConnection connection, string id, string status, long at, string by, string why) => connection.Execute(
        "UPDATE alerts SET status = @status, open_subjects = '[]', ended_at = @at, ended_by = @by, ended_why = @why WHERE id = @id",
        new { id, status, at, by, why });

    private static AlertRow[] Read(DbConnection connection, string which, object parameters) =>
    [
        .. connection.Query<Stored>($"SELECT {Columns} FROM alerts WHERE {which}", parameters).Select(row => row.ToRow()),
    ];

    private sealed class Stored
    {
        public string Id { get; init; } = "";

        public string Model { get; init; } = "";

        public long At { get; init; }

        public string Severity { get; init; } = "";

        public string Signal { get; init; } = "";

        public string Message { get; init; } = "";

        public string State { get; init; } = "";

        public int Version { get; init; }

        public string Status { get; init; } = "";

        public string Subjects { get; init; } = "";

        public string OpenSubjects { get; init; } = "";

        public string? Failure { get; init; }

        public long? AcknowledgedAt { get; init; }

        public string? AcknowledgedBy { get; init; }

        public string? AcknowledgedWhy { get; init; }

        public long? EndedAt { get; init; }

        public string? EndedBy { get; init; }

        public string? EndedWhy { get; init; }

        public AlertRow ToRow() => new(Id, Model, Ticks.ToTime(At), Severity, Signal, Message, State)
        {
            Version = Version,
            Status = Status,
            Subjects = Subjects,
            OpenSubjects = OpenSubjects,
            Failure = Failure,
            AcknowledgedAt = Ticks.ToTime(AcknowledgedAt),
            AcknowledgedBy = AcknowledgedBy,
            AcknowledgedWhy = AcknowledgedWhy,
            EndedAt = Ticks.ToTime(EndedAt),
            EndedBy = EndedBy,
            EndedWhy = EndedWhy,
        };
    }
}
