using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Differences of two models on the same rows, whose scores are correlated.</summary>
internal static class Comparisons
{
    private const string Separate = "the intervals of two models are combined as if they came from different rows";

    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var rows in new[] { 100, 300, 1_000 })
        {
            foreach (var prevalence in new[] { 0.5, 0.05 })
            {
                foreach (var (first, second, correlation) in new[]
                    { (0.8, 0.8, 0.9), (0.8, 0.8, 0.5), (0.75, 0.8, 0.7), (0.93, 0.95, 0.9) })
                {
                    yield return new CoverageCase(
                        "roc_auc, difference",
                        FormattableString.Invariant($"{prevalence:0.##} positive, areas {first} and {second}, correlation {correlation}"),
                        rows,
                        second - first,
                        random => Difference(Metric.RocAuc, Pair(random, rows, prevalence, first, second, correlation), 0))
                    {
                        Why = prevalence < 0.1 ? Draws.Few : "",
                    };
                }
            }
        }

        foreach (var metric in new[]
        {
            Metric.PrAuc, Metric.LogLoss, Metric.Brier, Metric.CalibrationError, Metric.Accuracy, Metric.F1,
            Metric.BalancedAccuracy, Metric.Mcc,
        })
        {
            foreach (var (prevalence, first, second) in new[] { (0.3, 0.8, 0.8), (0.3, 0.75, 0.85), (0.05, 0.8, 0.8) })
            {
                var (champion, challenger) = Pair(new Random(-1), Draws.Population, prevalence, first, second, 0.7);
                var truth = Oriented(metric, challenger) - Oriented(metric, champion);
                foreach (var rows in new[] { 100, 300 })
                {
                    yield return new CoverageCase(
                        $"{metric.Name}, difference",
                        FormattableString.Invariant($"{prevalence} positive, areas {first} and {second}, correlation 0.7"),
                        rows,
                        first == second ? 0 : truth,
                        random => Difference(metric, Pair(random, rows, prevalence, first, second, 0.7), random.Next()))
                    {
                        IsResampled = metric == Metric.CalibrationError,
                        Why = metric == Metric.CalibrationError ? Separate : prevalence < 0.1 ? Draws.Few : "",
                    };
                }
            }
        }

        foreach (var (name, slope) in new[] { ("both calibrated, the challenger constant", 1.0), ("calibrated after log-odds × 2", 2.0) })
        {
            var truth = Metric.CalibrationError.Compute(Calibrations.Draw(new Random(-1), Draws.Population, 0.5, slope, 0)).Value;
            foreach (var rows in new[] { 100, 300, 1_000 })
            {
                yield return new CoverageCase(
                    "calibration_error, difference",
                    $"0.5 positive, {name}",
                    rows,
                    slope == 1 ? 0 : truth,
                    random => Difference(Metric.CalibrationError, Calibrated(random, rows, slope), random.Next()))
                {
                    IsResampled = true, Why = Separate,
                };
            }
        }

        foreach (var metric in new[] { Metric.Rmse, Metric.Mae, Metric.R2 })
        {
            foreach (var (name, scale, isHeavy) in new[] { ("normal", 1, false), ("normal", 1.3, false), ("t3", 1, true) })
            {
                foreach (var rows in new[] { 100, 300 })
                {
                    yield return new CoverageCase(
                        $"{metric.Name}, difference",
                        FormattableString.Invariant($"{name} errors, those of the champion × {scale}"),
                        rows,
                        Gain(metric, scale),
                        random => Difference(metric, Numbers(random, rows, scale, isHeavy), random.Next()));
                }
            }
        }
    }

    // Of errors whose variance is 2 · 0.49 before they are scaled, and labels of variance 1.
    private static double Gain(IMetric metric, double scale) =>
        metric == Metric.Rmse ? (scale - 1) * Math.Sqrt(0.98)
        : metric == Metric.Mae ? (scale - 1) * Math.Sqrt(2 * 0.98 / Math.PI)
        : (scale * scale - 1) * 0.98;

    // The same scores and labels, of which the champion's log-odds are scaled.
    private static (Evaluation, Evaluation) Calibrated(Random random, int rows, double slope)
    {
        var seed = random.Next();
        var champion = Calibrations.Draw(new Random(seed), rows, 0.5, slope, 0);
        if (slope != 1) return (champion, Calibrations.Draw(new Random(seed), rows, 0.5, 1, 0));

        // A challenger that knows nothing: the share of positives for all rows.
        return (champion, Draws.Binary(champion.Labels.ToArray(), [.. Enumerable.Repeat(0.5, rows)]));
    }

    private static double Oriented(IMetric metric, Evaluation evaluation) =>
        metric.Compute(evaluation).Value * (metric.Direction == Direction.Up ? 1 : -1);

    private static (double, double) Difference(IMetric metric, (Evaluation First, Evaluation Second) models, int seed)
    {
        var difference = MetricComparison.Compare(metric, models.First, models.Second, seed: seed);
        return (difference.Lower, difference.Upper);
    }

    private static (Evaluation, Evaluation) Pair(
        Random random, int rows, double prevalence, double first, double second, double correlation)
    {
        var (labels, a, b) = (new double[rows], new double[rows], new double[rows]);
        double ofFirst = Areas.Distance(first), ofSecond = Areas.Distance(second);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.NextDouble() < prevalence ? 1 : 0;
            double x = random.Normal(), y = correlation * x + Math.Sqrt(1 - correlation * correlation) * random.Normal();
            a[i] = Draws.Calibrated(x + ofFirst * labels[i], prevalence, ofFirst);
            b[i] = Draws.Calibrated(y + ofSecond * labels[i], prevalence, ofSecond);
        }

        return (Draws.Binary(labels, a), Draws.Binary(labels, b));
    }

    private static (Evaluation, Evaluation) Numbers(Random random, int rows, double scale, bool isHeavy)
    {
        var (labels, a, b) = (new double[rows], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.Normal();
            var shared = Error();
            a[i] = labels[i] + scale * 0.7 * (shared + Error());
            b[i] = labels[i] + 0.7 * (shared + Error());
        }

        return (Draws.Regression(labels, a), Draws.Regression(labels, b));

        double Error() => isHeavy ? random.HeavyTailed() : random.Normal();
    }
}
