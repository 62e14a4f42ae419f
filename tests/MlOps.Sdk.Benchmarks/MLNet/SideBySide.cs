using System.Globalization;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>
/// Measures two ways of doing the same work in one process, in turn, by CPU time, which others on the machine influence less than the
/// clock.
/// </summary>
internal static class SideBySide
{

    /// <summary>Prints a row of a table: the medians, and the ratio of speeds pair by pair with its smallest and largest value.</summary>
    public static void Run(
        string what,
        (string Name, Action Work) ours,
        (string Name, Action Work) theirs,
        double items,
        string unit,
        int pairs = 31,
        int warmUps = 20)
    {
        // The runtime compiles hot code better while it runs.
        for (var i = 0; i < warmUps; i++)
        {
            ours.Work();
            theirs.Work();
        }

        var measured = new (double Ours, double Theirs)[pairs];
        for (var i = 0; i < pairs; i++) measured[i] = (Measure(ours.Work), Measure(theirs.Work));
        double[] ratios = [.. measured.Select(pair => pair.Theirs / pair.Ours).Order()];
        Console.WriteLine($"{what}; medians of {pairs} pairs, CPU time, load {Load()}");
        Console.WriteLine(Line(ours.Name, Median(measured.Select(pair => pair.Ours)), items, unit));
        Console.WriteLine(Line(theirs.Name, Median(measured.Select(pair => pair.Theirs)), items, unit));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ratio of speeds {ratios[pairs / 2]:F2} ({ratios[0]:F2} to {ratios[^1]:F2})"));
    }

    private static double Measure(Action work)
    {
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static string Line(string name, double seconds, double items, string unit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-24} {seconds:F3} s, {items / seconds / 1e6:F1} M {unit}/s, {seconds / items * 1e9:F1} ns each");

    private static double Median(IEnumerable<double> values)
    {
        double[] all = [.. values.Order()];
        return all[all.Length / 2];
    }

    private static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..2]) : "unknown";
}
