using System.Diagnostics;
using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;

namespace MlOps.Sdk.Benchmarks.Tables;

/// <summary>
/// Whole jobs on generated files, side by side with pandas in one run, in turn: reading CSV, profiling; and a snapshot of a file that is
/// larger than the memory it may take. Each job runs in a process of its own, so that its peak memory is its own.
/// </summary>
internal static class TableJobs
{
    private const string Pandas = """
        import sys, time, pandas
        path, job = sys.argv[1:]
        if job == 'describe': table = pandas.read_csv(path)
        start = time.perf_counter()
        if job == 'describe': table.describe(include='all')
        else: pandas.read_csv(path)
        print(time.perf_counter() - start)
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["tables"]: await CompareAsync(1_000_000, 10).ConfigureAwait(false); return 0;
            case ["tables", "large"]: await LargeAsync(10_000_000, 20).ConfigureAwait(false); return 0;
            case ["tables", "job", var job, var path]: await JobAsync(job, path).ConfigureAwait(false); return 0;
            default: return 1;
        }
    }

    private static async Task CompareAsync(int rows, int columns)
    {
        var path = Path.Combine(Path.GetTempPath(), $"mlops-{rows}x{columns}.csv");
        if (!File.Exists(path)) GeneratedTable.Write(path, rows, columns);
        var megabytes = new FileInfo(path).Length / 1e6;
        Console.WriteLine(FormattableString.Invariant($"{rows:N0} rows × {columns} columns, {megabytes:F0} MB; medians of 5, in turn"));
        foreach (var (ours, theirs) in new[] { ("read", "read_csv"), ("profile", "describe") })
        {
            var first = new List<double>();
            var warm = new List<double>();
            var peer = new List<double>();
            for (var i = 0; i < 5; i++)
            {
                var (cold, hot, _) = await OursAsync(ours, path).ConfigureAwait(false);
                first.Add(cold);
                warm.Add(hot);
                peer.Add(await PandasAsync(theirs, path).ConfigureAwait(false));
            }

            var (x, y, z) = (Median(first), Median(warm), Median(peer));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ours,-10} first {x:F3} s, warm {y:F3} s ({megabytes / y:F0} MB/s)   " +
                    $"pandas {theirs,-10} {z:F3} s   ratio of speeds {z / x:F2} first, {z / y:F2} warm"));
        }
    }

    private static async Task LargeAsync(int rows, int columns)
    {
        var path = Path.Combine(Path.GetTempPath(), $"mlops-{rows}x{columns}.csv");
        if (!File.Exists(path)) GeneratedTable.Write(path, rows, columns);
        Console.WriteLine(FormattableString.Invariant($"{rows:N0} rows × {columns} columns, {new FileInfo(path).Length / 1e9:F2} GB"));
        foreach (var job in new[] { "snapshot", "profile" })
        {
            var (seconds, _, peak) = await OursAsync(job, path).ConfigureAwait(false);
            Console.WriteLine(FormattableString.Invariant($"{job,-10} {seconds:F1} s, peak {peak / 1e6:F0} MB resident"));
        }
    }

    private static async Task JobAsync(string job, string path)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tables-");
        try
        {
            // The runtime compiles hot code better while it runs, so the first run of a job in a process is slower than those that follow.
            var times = new List<double>();
            for (var i = 0; i < (job == "snapshot" ? 1 : 3); i++)
            {
                var watch = Stopwatch.StartNew();
                await OnceAsync(job, path, folder.FullName).ConfigureAwait(false);
                times.Add(watch.Elapsed.TotalSeconds);
            }

            using var process = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[0]:R} {times[^1]:R} {process.PeakWorkingSet64}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task OnceAsync(string job, string path, string folder)
    {
        switch (job)
        {
            case "read":
                var scan = await DataSources.Csv(path).OpenAsync(ReadRequest.All).ConfigureAwait(false);
                await using (scan.ConfigureAwait(false))
                {
                    await foreach (var batch in scan.ReadAsync().ConfigureAwait(false)) GC.KeepAlive(batch);
                }

                break;
            case "profile": await DatasetProfile.OfAsync(DataSources.Csv(path)).ConfigureAwait(false); break;
            case "snapshot":
                var workspace = await Workspace.OpenAsync(Path.Combine(folder, "workspace")).ConfigureAwait(false);
                await using (workspace.ConfigureAwait(false))
                {
                    await LifecycleBuilder.Create("large")
                        .CollectData(data => data.FromCsv(path))
                        .Build()
                        .RunAsync(workspace).ConfigureAwait(false);
                }
                break;
        }
    }

    private static async Task<(double First, double Warm, long Peak)> OursAsync(string job, string path)
    {
        var output = (await RunProcessAsync(Environment.ProcessPath!, ["tables", "job", job, path]).ConfigureAwait(false))
            .Trim()
            .Split('\n')[^1]
            .Split(' ');
        return (
            double.Parse(output[0], CultureInfo.InvariantCulture),
            double.Parse(output[1], CultureInfo.InvariantCulture),
            long.Parse(output[2], CultureInfo.InvariantCulture));
    }

    private static async Task<double> PandasAsync(string job, string path) =>
        double.Parse(
            await RunProcessAsync("/usr/bin/python3", ["-c", Pandas, path, job]).ConfigureAwait(false),
            CultureInfo.InvariantCulture);

    private static async Task<string> RunProcessAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
