using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Samples of populations.</summary>
internal static class Draws
{
    /// <summary>Rows of which a truth is taken that has no formula.</summary>
    public const int Population = 1_000_000;

    /// <summary>Why coverage is missed with 5 % of positive rows.</summary>
    public const string Few = "of so few positive rows the spread itself is hardly known";

    public static double Normal(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Student's t with three degrees of freedom: its fourth moment is infinite.</summary>
    public static double HeavyTailed(this Random random)
    {
        double a = random.Normal(), b = random.Normal(), c = random.Normal();
        return random.Normal() / Math.Sqrt((a * a + b * b + c * c) / 3);
    }

    /// <summary>Of variance 2.</summary>
    public static double Laplace(this Random random) => Math.Log(1 - random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1);

    /// <summary>Calibrated probabilities from normal scores of two classes, which lie some standard deviations apart.</summary>
    public static Evaluation Binormal(Random random, int rows, double prevalence, double distance, double threshold = 0.5)
    {
        var (labels, scores) = (new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.NextDouble() < prevalence ? 1 : 0;
            scores[i] = Calibrated(random.Normal() + distance * labels[i], prevalence, distance);
        }

        return Binary(labels, scores, threshold);
    }

    public static double Calibrated(double score, double prevalence, double distance) =>
        1 / (1 + Math.Exp(-(distance * score - distance * distance / 2 + Math.Log(prevalence / (1 - prevalence)))));

    public static Evaluation Binary(
        double[] labels, double[] scores, double threshold = 0.5, string[]? groups = null, double[]? weights = null) => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = labels,
        Scores = scores,
        Threshold = threshold,
        Groups = groups is null ? new Dictionary<string, IReadOnlyList<string?>>() : new() { ["g"] = groups },
        Weights = weights ?? [],
    };

    public static Evaluation Regression(double[] labels, double[] scores) => new()
    {
        Task = TaskKind.Regression, ClassCount = 1, Labels = labels, Scores = scores,
    };

    public static (double Lower, double Upper) Interval(this IMetric metric, Evaluation evaluation, int seed = 0)
    {
        var value = MetricIntervals.Compute(metric, evaluation, seed: seed);
        return (value.Lower, value.Upper);
    }
}
