using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Metric series of runs, keyed by run, name and step, and the last value of each for searching.</summary>
internal static class MetricTable
{
    /// <summary>Writes points; one of the same name and step replaces the former.</summary>
    public static void Insert(DbConnection connection, long run, long at, ReadOnlySpan<MetricPoint> points)
    {
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        var last = new Dictionary<long, (long Step, double Value)>();
        using (var insert = new PreparedStatement(
            connection,
            "INSERT OR REPLACE INTO run_metrics(run, metric, step, value, at) VALUES (?, ?, ?, ?, ?)"))
        {
            insert.Bind(1, run).Bind(5, at);
            foreach (ref readonly var point in points)
            {
                if (!numbers.TryGetValue(point.Name, out var metric)) numbers[point.Name] = metric = NumberOf(connection, point.Name);
                insert.Bind(2, metric).Bind(3, point.Step).Bind(4, point.Value).Run();
                ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(last, metric, out var known);
                if (!known || point.Step >= newest.Step) newest = (point.Step, point.Value);
            }
        }

        using var update = new PreparedStatement(connection, """
            INSERT INTO run_metrics_last(run, metric, step, value) VALUES (?, ?, ?, ?)
            ON CONFLICT (run, metric) DO UPDATE SET step = excluded.step, value = excluded.value WHERE excluded.step >= step
            """);
        foreach (var (metric, (step, value)) in last) update.Bind(1, run).Bind(2, metric).Bind(3, step).Bind(4, value).Run();
    }

    public static IReadOnlyList<MetricRow> Read(DbConnection connection, string runId, string? name) =>
        [.. connection.Query<MetricRow>(
            $"""
            SELECT n.name AS Name, m.step AS Step, m.value AS Value, m.at AS At
            FROM runs r JOIN run_metrics m ON m.run = r.no JOIN metric_names n ON n.no = m.metric
            WHERE r.id = @runId {(name is null ? "" : "AND n.name = @name")} ORDER BY n.name, m.step
            """,
            new { runId, name })];

    private static long NumberOf(DbConnection connection, string name) =>
        connection.ExecuteScalar<long?>("SELECT no FROM metric_names WHERE name = @name", new { name })
        ?? connection.ExecuteScalar<long>("INSERT INTO metric_names(name) VALUES (@name) RETURNING no", new { name });
}
