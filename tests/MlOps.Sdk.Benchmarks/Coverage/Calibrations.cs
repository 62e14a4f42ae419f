using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Probabilities that are right, and such that are off by a known function.</summary>
internal static class Calibrations
{
    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var prevalence in new[] { 0.5, 0.05 })
        {
            foreach (var (name, slope, shift) in new[]
                { ("calibrated", 1.0, 0.0), ("log-odds × 1.3", 1.3, 0.0), ("log-odds × 2", 2.0, 0.0), ("log-odds + 0.5", 1.0, 0.5) })
            {
                var truth = Metric.CalibrationError.Compute(Draw(new Random(-1), Draws.Population, prevalence, slope, shift)).Value;
                foreach (var rows in new[] { 100, 300, 1_000 })
                {
                    yield return new CoverageCase(
                        "calibration_error",
                        FormattableString.Invariant($"{prevalence:0.##} positive, {name}"),
                        rows,
                        slope == 1 && shift == 0 ? 0 : truth,
                        random => Metric.CalibrationError.Interval(Draw(random, rows, prevalence, slope, shift), random.Next()))
                    {
                        IsResampled = true,
                        Why = slope == 1 && shift == 0 ? "nothing lies below 0, so that only one side can miss"
                            : rows == 100 ? "there are about ten rows in a bin" : "",
                    };
                }
            }
        }
    }

    public static Evaluation Draw(Random random, int rows, double prevalence, double slope, double shift)
    {
        var calibrated = Draws.Binormal(random, rows, prevalence, 1.2);
        return Draws.Binary(
            calibrated.Labels.ToArray(),
            Array.ConvertAll(calibrated.Scores.ToArray(), p => 1 / (1 + Math.Exp(-(slope * Math.Log(p / (1 - p)) + shift)))));
    }
}
