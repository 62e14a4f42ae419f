using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Searches runs by a filter, a page at a time, and reads what they logged.</summary>
internal static class RunSearch
{
    /// <summary>How many runs one statement names.</summary>
    private const int RunsPerStatement = 500;

    /// <summary>The runs of a page and one more, in their order.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="filter">Which runs.</param>
    /// <param name="order">By which metric they are ordered, <see langword="null"/> for none; and whether the largest is first.</param>
    /// <param name="limit">How many are on a page.</param>
    /// <param name="after">The last run of the page before.</param>
    /// <param name="interrupted">The runs that are stored as running, and are not any more.</param>
    public static IReadOnlyList<RunRow> Find(
        DbConnection connection,
        RunCondition filter,
        (string? Metric, bool IsDescending) order,
        int limit,
        (double? Score, long No)? after,
        IReadOnlyCollection<long> interrupted)
    {
        var parameters = new DynamicParameters();
        parameters.Add("limit", limit + 1);
        var where = new RunFilterSql(parameters, interrupted).Of(filter);
        if (!NamesKind(filter)) where += " AND r.kind IN ('Lifecycle', 'Experiment')";
        var (direction, than) = order.IsDescending ? ("DESC", "<") : ("ASC", ">");
        if (after is { } last)
        {
            parameters.Add("no", last.No);
            parameters.Add("score", last.Score);
        }

        if (order.Metric is not { } metric)
        {
            return [.. connection.Query<RunRow>(
                $"""
                SELECT {RunTable.Columns} FROM runs r
                WHERE {where}{(after is null ? "" : $" AND r.no {than} @no")}
                ORDER BY r.no {direction} LIMIT @limit
                """,
                parameters)];
        }

        // The index gives the values in their order: whatever else is demanded is looked up for as many runs as a page needs.
        parameters.Add("metric", metric);
        return [.. connection.Query<RunRow>(
            $"""
            SELECT {RunTable.Columns}, m.value AS Score FROM run_metrics_last m CROSS JOIN runs r ON r.no = m.run
            WHERE m.metric = (SELECT no FROM metric_names WHERE name = @metric) AND m.value IS NOT NULL
                AND {where}{(after is null ? "" : $" AND (m.value, m.run) {than} (@score, @no)")}
            ORDER BY m.value {direction}, m.run {direction} LIMIT @limit
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

    /// <summary>The runs with some ids, in no order.</summary>
    public static IReadOnlyList<RunRow> FindAll(DbConnection connection, IReadOnlyList<string> ids) =>
    [
        .. ids.Chunk(RunsPerStatement).SelectMany(chunk => connection.Query<RunRow>(
            $"SELECT {RunTable.Columns} FROM runs r WHERE r.id IN @chunk", new { chunk })),
    ];

    /// <summary>The rows that runs used, by role and name.</summary>
    public static ILookup<long, RunDatasetRow> Datasets(DbConnection connection, IReadOnlyList<long> runs) =>
        runs.Chunk(RunsPerStatement)
            .SelectMany(chunk => connection.Query<RunDatasetRow>(
                """
                SELECT run AS Run, name AS Name, role AS Role, rows AS Rows, hash AS Hash, columns AS Columns FROM run_datasets
                WHERE run IN @chunk ORDER BY run, role, name
                """,
                new { chunk }))
            .ToLookup(row => row.Run);

    /// <summary>The environments of runs as JSON; one text for all runs that share it.</summary>
    public static IReadOnlyDictionary<long, string> Environments(DbConnection connection, IReadOnlyList<long> runs)
    {
        (long Run, long Environment)[] of =
        [
            .. runs.Chunk(RunsPerStatement).SelectMany(chunk => connection.Query<(long, long)>(
                "SELECT no, environment FROM runs WHERE no IN @chunk AND environment IS NOT NULL", new { chunk })),
        ];
        var texts = of.Select(pair => pair.Environment).Distinct().Chunk(RunsPerStatement)
            .SelectMany(chunk => connection.Query<(long No, string Facts)>(
                "SELECT no, facts FROM environments WHERE no IN @chunk", new { chunk }))
            .ToDictionary(row => row.No, row => row.Facts);
        return of.Where(pair => texts.ContainsKey(pair.Environment)).ToDictionary(pair => pair.Run, pair => texts[pair.Environment]);
    }

    private static ILookup<long, (string Name, T Value)> Read<T>(DbConnection connection, IReadOnlyList<long> runs, string sql) =>
        runs.Chunk(RunsPerStatement)
            .SelectMany(chunk => connection.Query<(long Run, string Name, T Value)>(sql, new { runs = chunk }))
            .ToLookup(row => row.Run, row => (row.Name, row.Value));

    private static bool NamesKind(RunCondition condition) => condition switch
    {
        RunCondition.All all => all.Conditions.Any(NamesKind),
        RunCondition.Any any => any.Conditions.Any(NamesKind),
        RunCondition.Not not => NamesKind(not.Condition),
        RunCondition.Compare compare => compare is { Kind: RunFieldKind.Text, Name: "kind" or "parent" or "id" },
        _ => false,
    };
}
