using MathNet.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>The Anderson–Darling test of several samples, midrank version (Scholz and Stephens 1987, equation 7).</summary>
internal static class AndersonDarlingStatistic
{
    /// <summary>
    /// Levels, and b₀, b₁ and b₂ of table 2 of the paper: the critical value of k samples is b₀ + b₁/√m + b₂/m, m = k − 1.
    /// </summary>
    private static readonly double[] Levels = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
    private static readonly double[] Normal = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085];
    private static readonly double[] ByRoot = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615];
    private static readonly double[] ByNumber = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154];

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Samples.Require(a, nameof(a));
        Samples.Require(b, nameof(b));
        return OfSorted([Sorting.Sorted(a), Sorting.Sorted(b)]);
    }

    public static TestResult Run(IReadOnlyList<double[]> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count < 2) throw new ArgumentException("At least two samples are needed.", nameof(samples));
        var sorted = new double[samples.Count][];
        for (var i = 0; i < sorted.Length; i++)
        {
            Samples.Require(samples[i], nameof(samples));
            sorted[i] = Sorting.Sorted(samples[i]);
        }

        return OfSorted(sorted);
    }

    private static TestResult OfSorted(double[][] samples)
    {
        var n = samples.Sum(sample => (long)sample.Length);
        var (first, second) = samples.Length == 2 ? (samples[0].Length, samples[1].Length) : (n, 0);
        var problem = n < 4 ? "The samples need at least four values together."
            : samples.Min(sample => sample[0]) == samples.Max(sample => sample[^1]) ? "All values are equal."
            : null;
        if (problem is not null)
        {
            return new TestResult("Anderson-Darling", double.NaN, double.NaN, double.NaN, "normalised A²", first, second, problem);
        }
        var statistic = (Sum(samples, n) - (samples.Length - 1)) / Math.Sqrt(Variance(samples, n));
        var (p, note) = PValue(statistic, samples.Length - 1);
        return new TestResult("Anderson-Darling", statistic, p, statistic, "normalised A²", first, second, note);
    }

    private static double Sum(double[][] samples, double n)
    {
        var next = new int[samples.Length];
        var from = new int[samples.Length];
        var sums = new double[samples.Length];
        for (var counted = 0L; counted < n;)
        {
            var value = double.PositiveInfinity;
            for (var i = 0; i < samples.Length; i++)
            {
                if (next[i] < samples[i].Length) value = Math.Min(value, samples[i][next[i]]);
            }

            var before = counted;
            for (var i = 0; i < samples.Length; i++)
            {
                from[i] = next[i];
                while (next[i] < samples[i].Length && samples[i][next[i]] == value) next[i]++;
                counted += next[i] - from[i];
            }

            double ties = counted - before;
            var below = before + ties / 2;
            var weight = ties / n / (below * (n - below) - n * ties / 4);
            for (var i = 0; i < samples.Length; i++)
            {
                var distance = n * (from[i] + (long)next[i]) / 2.0 - below * samples[i].Length;
                sums[i] += weight * distance * distance;
            }
        }

        return samples.Select((sample, i) => sums[i] / sample.Length).Sum() * (n - 1) / n;
    }

    /// <summary>Equation 4 of the paper.</summary>
    private static double Variance(double[][] samples, double n)
    {
        double h = 0, g = 0;
        for (var i = (long)n - 1; i >= 2; i--)
        {
            h += 1.0 / i;
            g += h / (n - i + 1);
        }

        h += 1;
        double k = samples.Length, inverses = samples.Sum(sample => 1.0 / sample.Length);
        var a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverses;
        var b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6;
        var c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverses + 4 * h;
        var d = (2 * h + 6) * k * k - 4 * h * k;
        return (a * n * n * n + b * n * n + c * n + d) / ((n - 1) * (n - 2) * (n - 3));
    }

    private static (double P, string? Note) PValue(double statistic, int m)
    {
        double[] critical = [.. Normal.Select((normal, i) => normal + ByRoot[i] / Math.Sqrt(m) + ByNumber[i] / m)];
        if (statistic < critical[0]) return (0.25, "The p-value is at least 0.25.");
        if (statistic > critical[^1]) return (0.001, "The p-value is at most 0.001.");
        var curve = Fit.Polynomial(critical, Array.ConvertAll(Levels, Math.Log), 2);
        return (Math.Exp(Polynomial.Evaluate(statistic, curve)), null);
    }
}
