using MlOps.Sdk.Metrics;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Metrics of decisions: calibrated normal scores, decided where about the share of positives is.</summary>
internal static class Rates
{
    public static IEnumerable<CoverageCase> Cases()
    {
        const double distance = 1.5;
        var metrics = new[]
        {
            Metric.Accuracy, Metric.Recall, Metric.Precision, Metric.F1, Metric.Mcc, Metric.BalancedAccuracy,
        };
        foreach (var metric in metrics)
        {
            foreach (var prevalence in new[] { 0.5, 0.05 })
            {
                var threshold = prevalence == 0.5 ? 0.5 : 0.15;
                var truth = Truth(metric, prevalence, distance, threshold);
                foreach (var rows in new[] { 100, 300, 1_000 })
                {
                    yield return new CoverageCase(
                        metric.Name,
                        FormattableString.Invariant($"{prevalence:0.##} positive"),
                        rows,
                        truth,
                        random => metric.Interval(Draws.Binormal(random, rows, prevalence, distance, threshold), random.Next()))
                    {
                        Why = prevalence < 0.1 ? Draws.Few : "",
                    };
                }
            }
        }
    }

    private static double Truth(IMetric metric, double prevalence, double distance, double threshold)
    {
        // The score from which the calibrated probability reaches the threshold.
        var cut = (Math.Log(threshold / (1 - threshold)) - Math.Log(prevalence / (1 - prevalence)) + distance * distance / 2) / distance;
        double found = Distribution.NormalTail(cut - distance) * prevalence, alarms = Distribution.NormalTail(cut) * (1 - prevalence);
        double missed = prevalence - found, passed = 1 - prevalence - alarms;
        return metric.Name switch
        {
            "accuracy" => found + passed,
            "recall" => found / prevalence,
            "precision" => found / (found + alarms),
            "f1" => 2 * found / (2 * found + missed + alarms),
            "balanced_accuracy" => (found / prevalence + passed / (1 - prevalence)) / 2,
            _ => (found * passed - missed * alarms)
                / Math.Sqrt((found + alarms) * (found + missed) * (passed + alarms) * (passed + missed)),
        };
    }
}
