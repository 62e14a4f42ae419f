using System.Diagnostics;
using System.Globalization;
using MlOps.Sdk.Benchmarks.Tables;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.Benchmarks.Capacity;

/// <summary>
/// What a workspace takes on disk and a lifecycle in memory: tables of 20 columns, each size in a process of its own, whose
/// highest working set is read as the stages end.
/// </summary>
internal static class CapacityJobs
{
    private const int Columns = 20;
    private static readonly int[] s_sizes = [20_000, 100_000, 500_000];

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [_, "measure", var rows]) return await MeasureAsync(int.Parse(rows, CultureInfo.InvariantCulture));
        Console.WriteLine(
            "| rows | CSV | first run | unchanged run | other settings | new rows | prediction " +
            "| features | start | collected | processed | trained |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var size in s_sizes)
        {
            string[] child = ["capacity", "measure", size.ToString(CultureInfo.InvariantCulture)];
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, child))!;
            await process.WaitForExitAsync();
            if (process.ExitCode != 0) return process.ExitCode;
        }

        return 0;
    }

    private static async Task<int> MeasureAsync(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-capacity-");
        try
        {
            var csv = Path.Combine(folder.FullName, "rows.csv");
            GeneratedTable.Write(csv, rows, Columns);
            var bytes = new FileInfo(csv).Length;
            var begin = Peak();
            var path = Path.Combine(folder.FullName, "workspace");
            var peaks = new SortedDictionary<LifecycleStage, long>();
            var sizes = new List<long> { 0 };
            var features = 0;
            await RunAsync(20, new Watch(peaks));
            await RunAsync(20);
            await RunAsync(21);
            GeneratedTable.Write(csv, rows + rows / 10, Columns);
            await RunAsync(20);
            var scored = await ScoreAsync(path, csv);
            var perPrediction = (double)(SizeOf(path) - sizes[^1]) / scored;

            // The database of a closed workspace has all that was written.
            async Task RunAsync(int trees, IProgress<LifecycleProgress>? progress = null)
            {
                await using (var workspace = await Workspace.OpenAsync(path))
                {
                    features = (await Build(csv, trees).RunAsync(workspace, progress)).Features!.Slots.Count;
                }

                sizes.Add(SizeOf(path));
            }

            var growth = sizes.Zip(sizes.Skip(1), (before, after) => Megabytes(after - before));
            Console.WriteLine(
                $"| {rows.ToString("N0", CultureInfo.InvariantCulture)} | {Megabytes(bytes)} | {string.Join(" | ", growth)} | " +
                string.Create(CultureInfo.InvariantCulture, $"{perPrediction:N0} B | {features} | {Megabytes(begin)} | ") +
                $"{Megabytes(peaks[LifecycleStage.Collection])} | {Megabytes(peaks[LifecycleStage.Processing])} | " +
                $"{Megabytes(peaks[LifecycleStage.Training])} |");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Lifecycle Build(string csv, int trees) => LifecycleBuilder.Create("capacity")
        .DefineProblem(problem => problem.BinaryClassification(label: "c7", positive: "true"))
        .CollectData(data => data.FromCsv(csv))
        .TrainModel(training => training.Try(Trainers.GradientBoosting(options => options.Trees = trees)).CrossValidate(folds: 3))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring.DataDrift())
        .Build();

    private static async Task<long> ScoreAsync(string path, string csv)
    {
        await using var workspace = await Workspace.OpenAsync(path);
        await workspace.ServeAsync("capacity");
        var report = await workspace.ScoreAsync(
            "capacity",
            DataSources.Csv(csv),
            DataSinks.Arrow(Path.Combine(path, "..", "scored.arrow")),
            new ScoringOptions { Record = true });
        return report.RecordedRows;
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB");

    private sealed class Watch(SortedDictionary<LifecycleStage, long> peaks) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value.Step == "done") peaks[value.Stage] = Peak();
        }
    }
}
