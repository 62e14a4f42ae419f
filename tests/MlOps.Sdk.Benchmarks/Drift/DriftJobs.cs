using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Benchmarks.Drift;

/// <summary>
/// How often unchanged windows alarm, and how often planted changes are found: two tables (rows), and a live monitor against its stored
/// baseline (monitor). Each line is a share of windows.
/// </summary>
internal static class DriftJobs
{
    private static readonly int[] s_sizes = [250, 1_000, 5_000];

    private static readonly (string Change, string Column)[] s_changes =
    [
        ("shift0.05", "norm"), ("shift0.1", "norm"), ("shift0.2", "norm"), ("shift0.3", "norm"), ("shift0.5", "norm"),
        ("points10", "cat10"), ("missing5", "miss1"), ("new1", "cat3"), ("new2", "cat3"), ("new5", "cat3"), ("spread1.3", "norm"),
        ("unit1.05", "norm50"), ("boolean4", "bool2"),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var isMonitor = args is [_, "monitor", ..];
        var baselines = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20;
        var windows = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 5;
        var reference = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 5_000;
        var judged = isMonitor ? "live monitor" : "DriftCheck";
        Console.WriteLine($"{judged}, baseline {reference} rows, {baselines} baselines × {windows} windows");
        Console.WriteLine("| rows | independent | AR(1) 0.7 rows | day effects 0.2 | day effects 0.3 |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var size in s_sizes)
        {
            var cells = new List<string>();
            foreach (var (rowAr, daySd) in new[] { (0.0, 0.0), (0.7, 0.0), (0.0, 0.2), (0.0, 0.3) })
            {
                var alarms = 0;
                var by = new Dictionary<string, int>();
                for (var seed = 0; seed < baselines; seed++)
                {
                    var table = new DriftTable(1_000 * size + seed);
                    var judge = Create(isMonitor, table.Next(reference, "", rowAr, daySd));
                    for (var window = 0; window < windows; window++)
                    {
                        var findings = await judge.JudgeAsync(table.Next(size, "", rowAr, daySd));
                        var changed = findings.Where(finding => finding.Verdict == MonitoringVerdict.Changed).ToArray();
                        if (changed.Length > 0) alarms++;
                        foreach (var finding in changed)
                        {
                            var key = $"{finding.Measurement.Subject} {finding.Measurement.Statistic}";
                            by[key] = by.GetValueOrDefault(key) + 1;
                        }
                    }
                }

                cells.Add(Share(alarms, baselines * windows));
                if (by.Count > 0) Console.Error.WriteLine($"{size} {rowAr} {daySd}: {string.Join(", ", by)}");
            }

            Console.WriteLine($"| {size} | {string.Join(" | ", cells)} |");
        }

        Console.WriteLine();
        Console.WriteLine("| change | column | 250 rows | 1,000 rows | 5,000 rows |");
        Console.WriteLine("|---|---|---|---|---|");
        var found = new int[s_changes.Length, s_sizes.Length];
        for (var seed = 0; seed < baselines; seed++)
        {
            var table = new DriftTable(77_000 + seed);
            var judge = Create(isMonitor, table.Next(reference));
            for (var change = 0; change < s_changes.Length; change++)
            {
                for (var size = 0; size < s_sizes.Length; size++)
                {
                    for (var window = 0; window < windows; window++)
                    {
                        var findings = await judge.JudgeAsync(table.Next(s_sizes[size], s_changes[change].Change));
                        var finding = findings.First(finding => finding.Measurement.Subject == s_changes[change].Column);
                        if (finding.Verdict == MonitoringVerdict.Changed) found[change, size]++;
                    }
                }
            }
        }

        for (var change = 0; change < s_changes.Length; change++)
        {
            var cells = Enumerable.Range(0, s_sizes.Length).Select(size => Share(found[change, size], baselines * windows));
            Console.WriteLine($"| {s_changes[change].Change} | {s_changes[change].Column} | {string.Join(" | ", cells)} |");
        }

        return 0;
    }

    private static string Share(int count, int of) => (100.0 * count / of).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static Judge Create(bool isMonitor, Dataset reference) => isMonitor ? new StoredJudge(reference) : new TableJudge(reference);

    private abstract class Judge
    {
        public abstract Task<IReadOnlyList<MonitoringFinding>> JudgeAsync(Dataset window);
    }

    private sealed class TableJudge(Dataset reference) : Judge
    {
        public override Task<IReadOnlyList<MonitoringFinding>> JudgeAsync(Dataset window) => DriftCheck.CompareAsync(reference, window);
    }

    /// <summary>What a live monitor does: against the baseline as a package stores it.</summary>
    private sealed class StoredJudge : Judge
    {
        private readonly PackageBaseline _baseline;
        private readonly MonitoringPolicy _policy = new(new MonitoringBuilder().DataDrift().Build(new BuildContext()), null);

        public StoredJudge(Dataset reference)
        {
            var buffer = new ArrayBufferWriter<byte>();
            new PackageBaseline(
                reference.RowCount,
                [.. reference.Schema.Select(field => ColumnBaseline.Of(field.Name, reference[field.Name]))],
                []).Save(buffer);
            _baseline = PackageBaseline.Read(buffer.WrittenSpan);
        }

        public override async Task<IReadOnlyList<MonitoringFinding>> JudgeAsync(Dataset window)
        {
            var rows = MonitoringWindow.OfInputs("watched", _baseline, 200);
            foreach (var batch in window.ToBatches()) rows.Add(batch);
            return (await _policy.JudgeAsync(rows, PluginServices.None, NullLogger.Instance, default)).Findings;
        }
    }
}
