using System.Diagnostics;
using System.Globalization;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>How often the intervals that gates read hold the truth, over samples whose truth is known.</summary>
internal static class CoverageJobs
{
    private const int Repetitions = 1_000;

    private static readonly Dictionary<string, Func<IEnumerable<CoverageCase>>> Topics = new()
    {
        ["areas"] = Areas.Cases,
        ["rates"] = Rates.Cases,
        ["scores"] = ScoreMetrics.Cases,
        ["calibration"] = Calibrations.Cases,
        ["numbers"] = Numbers.Cases,
        ["gaps"] = Gaps.Cases,
        ["paired"] = Comparisons.Cases,
    };

    public static int Run(string[] args)
    {
        var topics = args is [_, var topic, ..] && topic != "all" ? [topic] : Topics.Keys.ToArray();
        if (args is [_, "cost", ..])
        {
            Costs.Write();
            return 0;
        }

        var count = args is [_, _, var given, ..] ? given : $"{Repetitions}";
        if (!topics.All(Topics.ContainsKey)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var repetitions)
            || repetitions < 2)
        {
            Console.WriteLine($"Usage: -- coverage [all|cost|{string.Join('|', Topics.Keys)}] [samples]");
            return 1;
        }

        foreach (var one in topics)
        {
            var watch = Stopwatch.StartNew();
            Console.WriteLine($"\n## {char.ToUpperInvariant(one[0])}{one[1..]}\n");
            Console.WriteLine(
                "| metric | situation | rows | truth | holds it, % | lies above it, % | lies below it, % | undefined | 93 to 97 % |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
            foreach (var measured in Topics[one]()) Console.WriteLine(measured.Measure(repetitions));
            Console.Error.WriteLine(FormattableString.Invariant($"{one}: {watch.Elapsed.TotalSeconds:0} s"));
        }

        return 0;
    }
}
