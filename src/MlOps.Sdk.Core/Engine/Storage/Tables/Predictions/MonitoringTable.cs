using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What monitoring found: verdicts, and alerts as they were raised. Thread-safe.</summary>
internal sealed class MonitoringTable(RelationalStore store)
{
    /// <summary>Adds a verdict; its artifact is referenced as long as the verdict is kept.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="also">Changes that are committed with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Its number.</returns>
    public Task<long> AppendVerdictAsync(
        VerdictRow verdict, Action<DbConnection>? also = null, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            var no = connection.ExecuteScalar<long>("""
                INSERT INTO verdicts(model, version, at, window_start, window_end, report, artifact, marks, is_complete)
                VALUES (@Model, @Version, @at, @start, @end, @Report, @artifact, @Marks, @IsComplete) RETURNING no
                """,
                new
                {
                    verdict.Model,
                    verdict.Version,
                    at = verdict.At.UtcTicks,
                    start = verdict.WindowStart.UtcTicks,
                    end = verdict.WindowEnd.UtcTicks,
                    verdict.Report,
                    artifact = verdict.Artifact?.Hex,
                    verdict.Marks,
                    verdict.IsComplete,
                });
            also?.Invoke(connection);
            if (verdict.Artifact is { } artifact)
            {
                ArtifactRefTable.Add(connection, "verdict", no.ToString(CultureInfo.InvariantCulture), [artifact]);
            }
            return no;
        }, cancellationToken);

    /// <summary>The verdicts over a model, newest first.</summary>
    public Task<IReadOnlyList<VerdictRow>> VerdictsAsync(
        string model, int? version = null, int limit = 100, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => ReadVerdicts(connection, model, version, limit), cancellationToken);

    /// <summary>The verdicts over windows of a model that have ended, newest first.</summary>
    public Task<IReadOnlyList<VerdictRow>> EndedAsync(string model, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => Read(connection, "model = @model AND is_complete = 1", new { model, limit }), cancellationToken);

    /// <summary>The last verdict over a window of a version; <see langword="null"/> when there is none.</summary>
    public async Task<VerdictRow?> LastOfWindowAsync(string model, int version, CancellationToken cancellationToken) =>
        await store.ReadAsync(
            connection => Read(
                connection, "model = @model AND version = @version AND marks IS NOT NULL", new { model, version, limit = 1 }),
            cancellationToken).ConfigureAwait(false) is [var last] ? last : null;

    /// <summary>The end of what the last verdict over a version was about; nothing when there is none.</summary>
    public Task<long?> LastEndAsync(string model, int version, CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.ExecuteScalar<long?>(
            """
            SELECT CASE WHEN marks IS NULL THEN at ELSE max(at, window_end + 1) END FROM verdicts
            WHERE model = @model AND version = @version ORDER BY no DESC LIMIT 1
            """,
            new { model, version }),
        cancellationToken);

    /// <summary>
    /// Where the window of a version since the last check begins: at the end of its last one that is complete, or of what was judged
    /// without a window before the present one was; nothing where neither was.
    /// </summary>
    public Task<long?> BeginningAsync(string model, int version, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var complete = connection.ExecuteScalar<long>(
                """
                SELECT coalesce(max(no), 0) FROM verdicts
                WHERE model = @model AND version = @version AND marks IS NOT NULL AND is_complete = 1
                """,
                new { model, version });
            var open = connection.ExecuteScalar<long?>(
                "SELECT min(no) FROM verdicts WHERE model = @model AND version = @version AND marks IS NOT NULL AND no > @complete",
                new { model, version, complete }) ?? long.MaxValue;
            return connection.ExecuteScalar<long?>(
                """
                SELECT CASE WHEN marks IS NULL THEN at ELSE max(at, window_end + 1) END FROM verdicts
                WHERE model = @model AND version = @version AND no >= @complete AND no < @open ORDER BY no DESC LIMIT 1
                """,
                new { model, version, complete, open });
        },
        cancellationToken);

    /// <summary>The end of the last window of a version, by count; nothing when there is none.</summary>
    public Task<long?> LastWindowEndAsync(string model, int version, CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.ExecuteScalar<long?>(
            """
            SELECT window_end + 1 FROM verdicts
            WHERE model = @model AND version = @version AND marks IS NOT NULL ORDER BY no DESC LIMIT 1
            """,
            new { model, version }),
        cancellationToken);

    /// <summary>The alerts of a model, newest first.</summary>
    public Task<IReadOnlyList<AlertRow>> AlertsAsync(
        string model, string? state = null, int limit = 100, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => AlertTable.List(connection, model, state, null, limit), cancellationToken);

    private static IReadOnlyList<VerdictRow> ReadVerdicts(DbConnection connection, string model, int? version, int limit) =>
        Read(connection, $"model = @model {(version is null ? "" : "AND version = @version")}", new { model, version, limit });

    private static IReadOnlyList<VerdictRow> Read(DbConnection connection, string which, object parameters) =>
        [
            .. connection.Query<Stored>(
                $"""
                SELECT model AS Model, version AS Version, at AS At, window_start AS Start, window_end AS "End", report AS Report,
                    artifact AS Artifact, marks AS Marks, is_complete AS IsComplete
                FROM verdicts WHERE {which} ORDER BY no DESC LIMIT @limit
                """,
                parameters).Select(row => row.ToRow()),
        ];

    private sealed class Stored
    {
        public string Model { get; init; } = "";

        public int Version { get; init; }

        public long At { get; init; }

        public long Start { get; init; }

        public long End { get; init; }

        public string Report { get; init; } = "";

        public string? Artifact { get; init; }

        public string? Marks { get; init; }

        public bool IsComplete { get; init; }

        public VerdictRow ToRow() => new(
            Model, Version, Ticks.ToTime(At), Ticks.ToTime(Start), Ticks.ToTime(End), Report,
            Artifact is null ? null : ArtifactId.Parse(Artifact)) { Marks = Marks, IsComplete = IsComplete };
    }
}
