using System.Data.Common;
using Dapper;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Storage;

/// <summary>Searches runs by a filter, a page at a time, and reads what they logged.</summary>
internal static class RunSearch
{
    /// <summary>How many runs one statement names.</summary>
    private const int RunsPerStatement = 500;

    /// <summary>The runs of a page and one more, in their order.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="query">The search.</param>
    /// <param name="after">The last run of the page before.</param>
    /// <param name="interrupted">The runs that are stored as running, and are not any more.</param>
    public static IReadOnlyList<RunRow> Find(
        DbConnection connection, RunQuery query, (double? Score, long No)? after, IReadOnlyCollection<long> interrupted)
    {
        var parameters = new DynamicParameters();
        parameters.Add("limit", query.Limit + 1);
        var filter = new RunFilterSql(parameters, interrupted).Of(query.Filter.Condition);
        var kinds = NamesKind(query.Filter.Condition) ? "" : $" AND r.kind NOT IN ('{nameof(RunKind.Trial)}', '{nameof(RunKind.Fold)}')";
        var (order, than) = query.Order.IsDescending ? ("DESC", "<") : ("ASC", ">");
        if (after is { } last)
        {
            parameters.Add("no", last.No);
            parameters.Add("score", last.Score);
        }

        if (query.Order.Metric is not { } metric)
        {
            return [.. connection.Query<RunRow>(
                $"""
                SELECT {RunTable.Columns} FROM runs r
                WHERE {filter}{kinds}{(after is null ? "" : $" AND r.no {than} @no")}
                ORDER BY r.no {order} LIMIT @limit
                """,
                parameters)];
        }

        // The index gives the values in their order: whatever else is demanded is looked up for as many runs as a page needs.
        parameters.Add("metric", metric);
        return [.. connection.Query<RunRow>(
            $"""
            SELECT {RunTable.Columns}, m.value AS Score FROM run_metrics_last m CROSS JOIN runs r ON r.no = m.run
            WHERE m.metric = (SELECT no FROM metric_names WHERE name = @metric) AND m.value IS NOT NULL
                AND {filter}{kinds}{(after is null ? "" : $" AND (m.value, m.run) {than} (@score, @no)")}
            ORDER BY m.value {order}, m.run {order} LIMIT @limit
            """,
            parameters)];
    }

    /// <summary>The parameters of runs.</summary>
    public static ILookup<long, (string Name, string Value)> Parameters(DbConnection connection, IReadOnlyList<long> runs) =>
        Read<string>(connection, runs, "SELECT run, name, value FROM run_parameters WHERE run IN @runs ORDER BY run, name");

    /// <summary>The tags of runs.</summary>
    public static ILookup<long, (string Name, string Value)> Tags(DbConnection connection, IReadOnlyList<long> runs) =>
        Read<string>(connection, runs, "SELECT run, name, value FROM run_tags WHERE run IN @runs ORDER BY run, name");

    /// <summary>The last values of the metrics of runs; one that is NaN is <see langword="null"/>.</summary>
    public static ILookup<long, (string Name, double? Value)> Metrics(DbConnection connection, IReadOnlyList<long> runs) =>
        Read<double?>(
            connection,
            runs,
            """
            SELECT m.run, n.name, m.value FROM run_metrics_last m JOIN metric_names n ON n.no = m.metric
            WHERE m.run IN @runs ORDER BY m.run, n.name
            """);

    private static ILookup<long, (string Name, T Value)> Read<T>(DbConnection connection, IReadOnlyList<long> runs, string sql) =>
        runs.Chunk(RunsPerStatement)
            .SelectMany(chunk => connection.Query<(long Run, string Name, T Value)>(sql, new { runs = chunk }))
            .ToLookup(row => row.Run, row => (row.Name, row.Value));

    private static bool NamesKind(RunCondition condition) => condition switch
    {
        RunCondition.All all => all.Conditions.Any(NamesKind),
        RunCondition.Any any => any.Conditions.Any(NamesKind),
        RunCondition.Not not => NamesKind(not.Condition),
        RunCondition.Compare compare => compare.Field is { Kind: RunFieldKind.Text, Name: "kind" or "parent" or "id" },
        _ => false,
    };
}
