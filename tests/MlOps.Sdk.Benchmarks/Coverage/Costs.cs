using System.Diagnostics;
using System.Globalization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>How long an interval and a comparison take.</summary>
internal static class Costs
{
    private const int Rows = 100_000;

    public static void Write()
    {
        Console.WriteLine($"\n## Cost\n\n| metric, {Rows} rows | interval, ms | comparison, ms |\n|---|---|---|");
        var (champion, challenger) = (
            Draws.Binormal(new Random(1), Rows, 0.3, 1.2), Draws.Binormal(new Random(1), Rows, 0.3, 1.2, threshold: 0.4));
        foreach (var metric in new[]
        {
            Metric.RocAuc, Metric.PrAuc, Metric.LogLoss, Metric.CalibrationError, Metric.Accuracy, Metric.F1,
            Metric.BalancedAccuracy, Metric.Mcc,
        })
        {
            Write(metric, champion, challenger);
        }

        var (first, second) = (Draws.Regression(Drawn(1), Drawn(2)), Draws.Regression(Drawn(1), Drawn(3)));
        foreach (var metric in new[] { Metric.Rmse, Metric.R2, Metric.Mae, Metric.MedianAbsoluteError }) Write(metric, first, second);
    }

    private static double[] Drawn(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows).Select(_ => random.Normal())];
    }

    private static void Write(IMetric metric, Evaluation champion, Evaluation challenger)
    {
        var interval = Least(() => MetricIntervals.Compute(metric, champion));
        var comparison = Least(() => MetricComparison.Compare(metric, champion, challenger));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {metric.Name} | {interval:0} | {comparison:0} |"));
    }

    private static double Least(Action work) => Enumerable.Range(0, 3).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalMilliseconds;
    });
}
