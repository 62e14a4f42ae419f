using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>ROC areas of normal scores.</summary>
internal static class Areas
{
    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var rows in new[] { 100, 300, 1_000 })
        {
            foreach (var prevalence in new[] { 0.5, 0.05 })
            {
                foreach (var area in new[] { 0.6, 0.75, 0.9, 0.97 })
                {
                    yield return new CoverageCase(
                        "roc_auc",
                        FormattableString.Invariant($"{prevalence:0.##} positive"),
                        rows,
                        area,
                        random => Metric.RocAuc.Interval(Draws.Binormal(random, rows, prevalence, Distance(area))))
                    {
                        Why = prevalence < 0.1 ? Draws.Few : "",
                    };
                }
            }
        }
    }

    /// <summary>How far apart the classes' scores are for an area.</summary>
    public static double Distance(double area) => Math.Sqrt(2) * Distribution.NormalQuantile(area);
}
