using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Benchmarks.Runs;

/// <summary>
/// Searches 30,000 runs with 20 metrics each beside the bare statements that read the same rows, in turn: the best 100, a typed filter,
/// and a comparison of 200 runs.
/// </summary>
internal static class RunJobs
{
    private const int RunCount = 30_000;
    private const int MetricCount = 20;
    private const int Rounds = 30;

    private const string Best = """
        SELECT r.no, r.id, r.lifecycle, r.state, r.started_at, r.ended_at, r.cause, r.parent_run, r.error, m.value
        FROM run_metrics_last m CROSS JOIN runs r ON r.no = m.run
        WHERE m.metric = (SELECT no FROM metric_names WHERE name = 'm0') ORDER BY m.value DESC, m.run DESC LIMIT 100
        """;

    private const string Filtered = """
        SELECT r.no, r.id, r.lifecycle, r.state, r.started_at, r.ended_at, r.cause, r.parent_run, r.error, m.value
        FROM run_metrics_last m CROSS JOIN runs r ON r.no = m.run
        WHERE m.metric = (SELECT no FROM metric_names WHERE name = 'm0') AND m.value > 0.8
            AND EXISTS (SELECT 1 FROM run_parameters p WHERE p.run = r.no AND p.name = 'leaves' AND p.number = 31)
            AND EXISTS (SELECT 1 FROM run_tags t WHERE t.run = r.no AND t.name = 'team' AND t.value = 'retention')
        ORDER BY m.value DESC, m.run DESC LIMIT 100
        """;

    public static async Task<int> RunAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Guid.NewGuid():N}");
        try
        {
            await using var workspace = await Workspace.OpenAsync(folder).ConfigureAwait(false);
            await FillAsync(workspace).ConfigureAwait(false);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{RunCount:N0} runs × {MetricCount} metrics, {Rounds} rounds in turn"));
            Console.WriteLine("| | here, median | bare, median | ratio |");
            Console.WriteLine("|---|---|---|---|");
            await using var bare = new SqliteConnection($"Data Source={Path.Combine(folder, "mlops.db")};Mode=ReadOnly");
            await bare.OpenAsync().ConfigureAwait(false);
            await MeasureAsync(
                "best 100",
                () => workspace.Runs.SearchAsync("", RunOrder.Largest("m0")),
                () => Read(bare, Best)).ConfigureAwait(false);
            await MeasureAsync(
                "typed filter, 100 of those found",
                () => workspace.Runs.SearchAsync(
                    "metrics.m0 > 0.8 and params.leaves = 31 and tag.team = \"retention\"", RunOrder.Largest("m0")),
                () => Read(bare, Filtered)).ConfigureAwait(false);
            var runs = await workspace.Runs.SearchAsync("", RunOrder.Largest("m1"), 200).ConfigureAwait(false);
            string[] ids = [.. runs.Select(run => run.Id)];
            var found = "SELECT no, id, lifecycle, state, started_at, ended_at, cause, parent_run, error, environment FROM runs " +
                $"WHERE id IN ({string.Join(", ", ids.Select(id => $"'{id}'"))})";
            await MeasureAsync(
                "comparison of 200 runs", () => workspace.Runs.CompareAsync(ids), () => Read(bare, found)).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FillAsync(Workspace workspace)
    {
        var random = new Random(1);
        for (var i = 0; i < RunCount; i++)
        {
            await using var run = await RunTracker.StartAsync(workspace.Store, NullLogger.Instance, new RunStart("search", [], i)
            {
                Kind = RunKind.Experiment,
                Tags = new Dictionary<string, string> { ["team"] = i % 3 == 0 ? "retention" : "growth" },
            }).ConfigureAwait(false);
            await run.LogParametersAsync(
                [new("leaves", i % 4 == 0 ? "31" : "63"), new("rate", (i % 100 / 1000.0).ToString(CultureInfo.InvariantCulture))])
                .ConfigureAwait(false);
            for (var metric = 0; metric < MetricCount; metric++) run.LogMetric($"m{metric}", random.NextDouble());
            await run.CompleteAsync(RunState.Succeeded).ConfigureAwait(false);
        }
    }

    // What the rows are of is read, too: without it, an answer says nothing.
    private static int Read(SqliteConnection connection, string runs)
    {
        List<long> numbers = [];
        var values = 0;
        using (var command = connection.CreateCommand())
        {
            command.CommandText = runs;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                numbers.Add(reader.GetInt64(0));
                for (var i = 1; i < reader.FieldCount; i++) values += reader.GetValue(i) is null ? 0 : 1;
            }
        }

        var list = string.Join(", ", numbers);
        foreach (var sql in (string[])
        [
            $"SELECT run, name, value FROM run_parameters WHERE run IN ({list})",
            $"SELECT run, name, value FROM run_tags WHERE run IN ({list})",
            $"SELECT m.run, n.name, m.value FROM run_metrics_last m JOIN metric_names n ON n.no = m.metric WHERE m.run IN ({list})",
        ])
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                for (var i = 0; i < reader.FieldCount; i++) values += reader.GetValue(i) is null ? 0 : 1;
            }
        }

        return values;
    }

    private static async Task MeasureAsync<T>(string name, Func<Task<T>> here, Func<int> bare)
    {
        List<double> ours = [], theirs = [];
        for (var round = -3; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await here().ConfigureAwait(false);
            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            bare();
            var bareTook = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (round < 0) continue;
            ours.Add(took);
            theirs.Add(bareTook);
        }

        var (a, b) = (Median(ours), Median(theirs));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {a:0.00} ms | {b:0.00} ms | {a / b:0.00} |"));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
