using System.Diagnostics;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Benchmarks.Writers;

/// <summary>
/// Many writers in several processes on one workspace, by ways to wait for its lock, in turn: how evenly, how fast, and how long
/// anybody waits. After two thirds of the time one process is killed; at the end every acknowledged write must be there.
/// </summary>
internal static class WriterJobs
{
    private const int Processes = 4;
    private const int Slots = Processes * WriterProcess.Writers;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["writers", "process", var name, var folder, var process, var seconds]:
                using (var scores = new Scoreboard(ScoresIn(folder), Slots))
                {
                    var job = new WriterProcess(folder, Parse(process), WriterVariant.All.Single(variant => variant.Name == name), scores);
                    await job.RunAsync(TimeSpan.FromSeconds(Parse(seconds))).ConfigureAwait(false);
                }

                return 0;
            case ["writers"]:
                return await CompareAsync(seconds: 21, rounds: 3, WriterVariant.All).ConfigureAwait(false);
            case ["writers", var seconds, var rounds, .. var names]:
                var chosen = WriterVariant.All.Where(variant => names.Length == 0 || names.Contains(variant.Name));
                return await CompareAsync(Parse(seconds), Parse(rounds), [.. chosen]).ConfigureAwait(false);
            default: return 1;
        }
    }

    private static async Task<int> CompareAsync(int seconds, int rounds, IReadOnlyList<WriterVariant> variants)
    {
        Console.WriteLine($"{Slots} writers in {Processes} processes, {seconds} s a run, in turn; one process is killed after two thirds");
        Console.WriteLine("| | rows/s | smallest and largest share | longest wait | errors | acknowledged | lost |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var results = variants.ToDictionary(variant => variant, _ => new List<WriterResult>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var variant in variants)
            {
                var result = await OnceAsync(variant, seconds).ConfigureAwait(false);
                results[variant].Add(result);
                Print(variant.Name, [result]);
            }
        }

        foreach (var variant in variants) Print(variant.Title, results[variant]);
        return results.Values.SelectMany(all => all).Sum(result => result.Lost) == 0 ? 0 : 2;
    }

    /// <summary>Prints the range of speeds, and the worst of the rest.</summary>
    private static void Print(string title, IReadOnlyList<WriterResult> results)
    {
        var speeds = string.Join(", ", results.Select(result => result.RowsPerSecond.ToString("N0", CultureInfo.InvariantCulture)));
        var shares = results.SelectMany(result => result.Shares).ToList();
        var longest = results.Max(result => result.LongestWait).TotalSeconds;
        var (errors, lost) = (results.Sum(result => result.Errors), results.Sum(result => result.Lost));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {title} | {speeds} | {shares.Min():P1}, {shares.Max():P1} | {longest:F2} s "
            + $"| {errors} | {results.Sum(result => result.Acknowledged):N0} | {lost} |"));
    }

    private static async Task<WriterResult> OnceAsync(WriterVariant variant, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-writers-");
        try
        {
            using var scores = new Scoreboard(ScoresIn(folder.FullName), Slots);
            var path = WriterProcess.DatabaseIn(folder.FullName);
            var store = await RelationalStore.OpenAsync(path, TimeProvider.System, NullLogger.Instance).ConfigureAwait(false);
            await using (store.ConfigureAwait(false))
            {
                await store.WriteAsync(CreateTable).ConfigureAwait(false);
                var (rows, elapsed) = await RunProcessesAsync(variant, seconds, folder.FullName, scores).ConfigureAwait(false);
                var slots = Enumerable.Range(0, Slots).ToList();
                return new WriterResult(
                    rows.Sum() / elapsed.TotalSeconds,
                    [.. rows.Select(own => own / Math.Max(1.0, rows.Sum()))],
                    slots.Max(scores.LongestWaitOf),
                    slots.Sum(scores.ErrorsOf),
                    slots.Sum(scores.AcknowledgedBy),
                    await store.ReadAsync(connection => CountLost(connection, scores)).ConfigureAwait(false));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>What each process had written when one of them was killed, and after how long.</returns>
    private static async Task<(long[] Rows, TimeSpan Elapsed)> RunProcessesAsync(
        WriterVariant variant, int seconds, string folder, Scoreboard scores)
    {
        var processes = Enumerable.Range(0, Processes).Select(number => Start(variant, folder, number, seconds)).ToList();
        try
        {
            foreach (var process in processes)
            {
                if (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
                    throw new InvalidOperationException("A writing process did not start.");
            }

            foreach (var process in processes) await process.StandardInput.WriteLineAsync().ConfigureAwait(false);
            var started = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(seconds * 2 / 3.0)).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(started);
            long[] rows = [.. Enumerable.Range(0, Processes).Select(process => RowsOf(process, scores))];
            processes[0].Kill();
            foreach (var process in processes) await process.WaitForExitAsync().ConfigureAwait(false);
            if (processes.Skip(1).Any(process => process.ExitCode != 0)) throw new InvalidOperationException("A writing process failed.");
            return (rows, elapsed);
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill();
                process.Dispose();
            }
        }
    }

    private static long RowsOf(int process, Scoreboard scores) =>
        Enumerable.Range(process * WriterProcess.Writers, WriterProcess.Writers).Sum(scores.AcknowledgedBy);

    private static void CreateTable(SqliteConnection connection) => connection.Execute(
        "CREATE TABLE benchmark_writes(no INTEGER PRIMARY KEY, process INTEGER, writer INTEGER, number INTEGER, text TEXT)");

    /// <summary>Counts acknowledged rows that are not there, and rows whose numbers have gaps.</summary>
    private static long CountLost(SqliteConnection connection, Scoreboard scores)
    {
        if (connection.ExecuteScalar<string>("PRAGMA integrity_check") != "ok")
            throw new InvalidOperationException("The database is damaged.");
        var found = connection.Query<(int Process, int Writer, long Rows, long Last)>(
                "SELECT process, writer, count(*), max(number) FROM benchmark_writes WHERE writer >= 0 GROUP BY process, writer")
            .ToDictionary(row => (row.Process * WriterProcess.Writers) + row.Writer);
        return Enumerable.Range(0, Slots).Sum(slot =>
        {
            var row = found.GetValueOrDefault(slot);
            return Math.Max(0, scores.AcknowledgedBy(slot) - row.Rows) + Math.Abs(row.Last - row.Rows);
        });
    }

    private static Process Start(WriterVariant variant, string folder, int number, int seconds)
    {
        string[] arguments = ["writers", "process", variant.Name, folder, $"{number}", $"{seconds}"];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private static string ScoresIn(string folder) => Path.Combine(folder, "scores");

    private static int Parse(string number) => int.Parse(number, CultureInfo.InvariantCulture);
}
