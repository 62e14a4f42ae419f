using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Errors of regressions, with normal and with heavy tails. Labels are normal.</summary>
internal static class Numbers
{
    private const string Heavy = "the squares of such errors have no variance, and what is seldom and large is mostly not in the sample";

    // Mean square, mean size and median size of the errors. Of t3: 3 and 2√3/π.
    private static readonly (string Name, Func<Random, double> Draw, double Square, double Size, double Median)[] Errors =
    [
        ("normal", Draws.Normal, 1, Math.Sqrt(2 / Math.PI), 0.6744898),
        ("Laplace", Draws.Laplace, 2, 1, Math.Log(2)),
        ("t3", Draws.HeavyTailed, 3, 2 * Math.Sqrt(3) / Math.PI, 0.7648923),
    ];

    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var (name, draw, square, size, median) in Errors)
        {
            foreach (var (metric, truth) in new[]
            {
                (Metric.Rmse, Math.Sqrt(square)), (Metric.R2, 1 - square / 4), (Metric.Mae, size), (Metric.MedianAbsoluteError, median),
            })
            {
                foreach (var rows in metric == Metric.MedianAbsoluteError ? [100, 300] : new[] { 100, 300, 1_000 })
                {
                    yield return new CoverageCase(
                        metric.Name,
                        $"{name} errors",
                        rows,
                        truth,
                        random => metric.Interval(Draw(random, rows, draw), random.Next()))
                    {
                        IsResampled = true,
                        Why = name == "t3" && (metric == Metric.Rmse || metric == Metric.R2) ? Heavy : "",
                    };
                }
            }
        }
    }

    private static Evaluation Draw(Random random, int rows, Func<Random, double> error)
    {
        var (labels, scores) = (new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = 2 * random.Normal();
            scores[i] = labels[i] + error(random);
        }

        return Draws.Regression(labels, scores);
    }
}
