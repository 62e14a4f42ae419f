using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Average precision, log loss and Brier score of calibrated normal scores.</summary>
internal static class ScoreMetrics
{
    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var metric in new[] { Metric.PrAuc, Metric.LogLoss, Metric.Brier })
        {
            foreach (var prevalence in new[] { 0.5, 0.05 })
            {
                foreach (var distance in new[] { 1.2, 2.3 })
                {
                    var truth = metric.Compute(Draws.Binormal(new Random(-1), Draws.Population, prevalence, distance)).Value;
                    foreach (var rows in new[] { 100, 300, 1_000 })
                    {
                        yield return new CoverageCase(
                            metric.Name,
                            FormattableString.Invariant($"{prevalence:0.##} positive, {distance} standard deviations apart"),
                            rows,
                            truth,
                            random => metric.Interval(Draws.Binormal(random, rows, prevalence, distance), random.Next()))
                        {
                            IsResampled = metric != Metric.PrAuc,
                            Why = prevalence < 0.1 ? Draws.Few : "",
                        };
                    }
                }
            }
        }
    }
}
