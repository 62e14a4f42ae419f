using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What monitoring found: verdicts, and alerts as they were raised. Thread-safe.</summary>
internal sealed class MonitoringTable(RelationalStore store)
{
    /// <summary>Adds a verdict; its artifact is referenced as long as the verdict is kept.</summary>
    /// <returns>Its number.</returns>
    public Task<long> AppendVerdictAsync(VerdictRow verdict, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            var no = connection.ExecuteScalar<long>("""
                INSERT INTO verdicts(model, version, at, window_start, window_end, report, artifact)
                VALUES (@Model, @Version, @at, @start, @end, @Report, @artifact) RETURNING no
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
                });
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

    /// <summary>The alerts of a model, newest first.</summary>
    public Task<IReadOnlyList<AlertRow>> AlertsAsync(
        string model, string? state = null, int limit = 100, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => AlertTable.List(connection, model, state, null, limit), cancellationToken);

    private static IReadOnlyList<VerdictRow> ReadVerdicts(DbConnection connection, string model, int? version, int limit) =>
        [.. connection.Query<(string Model, int Version, long At, long Start, long End, string Report, string? Artifact)>(
            $"""
            SELECT model, version, at, window_start, window_end, report, artifact FROM verdicts
            WHERE model = @model {(version is null ? "" : "AND version = @version")} ORDER BY no DESC LIMIT @limit
            """,
            new { model, version, limit })
            .Select(row => new VerdictRow(
                row.Model, row.Version, Ticks.ToTime(row.At), Ticks.ToTime(row.Start), Ticks.ToTime(row.End), row.Report,
                row.Artifact is null ? null : ArtifactId.Parse(row.Artifact)))];
}
