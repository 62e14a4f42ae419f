using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Benchmarks.Warehouses;

/// <summary>
/// A hundred million rows in Parquet files, profiled and compared in SQL by DuckDB within the process, beside DuckDB's own SUMMARIZE in the
/// same run. Each job runs in a process of its own, so that its peak memory is its own.
/// </summary>
internal static class WarehouseJobs
{
    private const string MemoryLimit = "1000000000B";

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["warehouse"]: await CompareAsync(100_000_000).ConfigureAwait(false); return 0;
            case ["warehouse", "job", var job, var folder]: await JobAsync(job, folder).ConfigureAwait(false); return 0;
            case ["warehouse", var rows] when long.TryParse(rows, CultureInfo.InvariantCulture, out var count):
                await CompareAsync(count).ConfigureAwait(false);
                return 0;
            default: return 1;
        }
    }

    private static async Task CompareAsync(long rows)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-warehouse-").FullName;
        try
        {
            await ChildAsync($"generate {rows.ToString(CultureInfo.InvariantCulture)}", folder).ConfigureAwait(false);
            var bytes = Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{rows:N0} rows × 8 columns, {bytes / 1e9:F1} GB of Parquet; {Environment.ProcessorCount} cores"));
            foreach (var job in (string[])["summarize", "profile", "compare", "summarize"])
            {
                Console.WriteLine(await ChildAsync(job, folder).ConfigureAwait(false));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> ChildAsync(string job, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["warehouse", "job", job, folder]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0 ? output.TrimEnd() : throw new InvalidOperationException($"The job '{job}' failed: {output}");
    }

    private static async Task JobAsync(string job, string folder)
    {
        var clock = Stopwatch.StartNew();
        var statements = new List<(string Step, double Seconds)>();
        var last = 0.0;
        var answer = "";
        var duck = Warehouse.DuckDb(options =>
        {
            options.MemoryLimit = 1_000_000_000;
            options.TempDirectory = folder;
            options.Asking.Progress = new StatementClock(step =>
            {
                if (statements.Count > 0) statements[^1] = (statements[^1].Step, clock.Elapsed.TotalSeconds - last);
                statements.Add((step, 0));
                last = clock.Elapsed.TotalSeconds;
            });
        });
        switch (job.Split(' '))
        {
            case ["generate", var rows]: Generate(long.Parse(rows, CultureInfo.InvariantCulture), folder); return;
            case ["summarize"]: answer = Summarize(folder); break;
            case ["profile"]:
                var profile = await duck.Query($"SELECT * FROM '{folder}/*.parquet'").ProfileAsync().ConfigureAwait(false);
                answer = string.Create(CultureInfo.InvariantCulture, $"{profile.RowCount:N0} rows, {profile.Columns.Count} columns");
                break;
            case ["compare"]:
                var comparison = await duck.Query($"SELECT * FROM '{folder}/after.parquet'")
                    .CompareAsync(duck.Query($"SELECT * FROM '{folder}/before.parquet'")).ConfigureAwait(false);
                var changed = comparison.Findings.Where(finding => finding.Verdict == Monitoring.MonitoringVerdict.Changed);
                answer = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{comparison.CurrentRows:N0} against {comparison.ReferenceRows:N0} rows, changed: ") +
                    string.Join(", ", changed.Select(finding => finding.Measurement.Subject));
                break;
        }

        if (statements.Count > 0) statements[^1] = (statements[^1].Step, clock.Elapsed.TotalSeconds - last);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{job,-10} {clock.Elapsed.TotalSeconds,6:F1} s, {process.TotalProcessorTime.TotalSeconds,6:F1} s of processor, " +
                $"{process.PeakWorkingSet64 / 1e6,6:F0} MB at most   {answer}"));
        foreach (var (step, seconds) in statements.OrderByDescending(statement => statement.Seconds).Take(8))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"           {seconds,6:F1} s  {step}"));
        }
    }

    private static void Generate(long rows, string folder)
    {
        using var database = Open(folder);
        foreach (var (file, from, to, shift) in new[] { ("before", 0L, rows / 2, "0"), ("after", rows / 2, rows, "0.15") })
        {
            Run(database, string.Create(CultureInfo.InvariantCulture, $"""
                COPY (
                    SELECT
                        i AS id,
                        CASE WHEN random() < 0.02 THEN NULL
                            ELSE 100 + 15 * ({shift} + sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) END AS amount,
                        exp(2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS skewed,
                        CAST(floor(random() * random() * 1000) AS INTEGER) AS quantity,
                        'segment ' || CAST(floor(random() * random() * 8) AS INTEGER) AS segment,
                        'product ' || CAST(floor(random() * random() * 20000) AS INTEGER) AS product,
                        random() < 0.3 AS returned,
                        TIMESTAMP '2024-01-01' + to_seconds(CAST(floor(random() * 31536000) AS BIGINT)) AS at
                    FROM range({from}, {to}) AS generated(i)
                ) TO '{folder}/{file}.parquet' (FORMAT parquet, COMPRESSION zstd)
                """));
        }
    }

    private static string Summarize(string folder)
    {
        using var database = Open(folder);
        using var command = database.CreateCommand();
        command.CommandText = $"SUMMARIZE SELECT * FROM '{folder}/*.parquet'";
        using var reader = command.ExecuteReader();
        var columns = 0;
        while (reader.Read()) columns++;
        return string.Create(CultureInfo.InvariantCulture, $"{columns} columns");
    }

    private static DuckDBConnection Open(string folder)
    {
        var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        Run(database, $"SET memory_limit = '{MemoryLimit}'");
        Run(database, $"SET temp_directory = '{folder}'");
        Run(database, "SET preserve_insertion_order = false");
        return database;
    }

    private static void Run(DuckDBConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class StatementClock(Action<string> begin) : IProgress<WarehouseProgress>
    {
        public void Report(WarehouseProgress value) => begin(value.Step);
    }
}
