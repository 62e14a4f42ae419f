using MathNet.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>The Anderson–Darling test of two samples, midrank version (Scholz and Stephens 1987, equation 7).</summary>
internal static class AndersonDarlingTest
{
    /// <summary>Levels, and the critical values for two samples: the sums b₀ + b₁ + b₂ of table 2 of the paper.</summary>
    private static readonly double[] Levels = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
    private static readonly double[] Critical = [0.675 - 0.245 - 0.105, 1.281 + 0.25 - 0.305, 1.645 + 0.678 - 0.362, 1.96 + 1.149 - 0.391, 2.326 + 1.822 - 0.396, 2.573 + 2.364 - 0.345, 3.085 + 3.615 - 0.154];

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Samples.Require(a, nameof(a));
        Samples.Require(b, nameof(b));
        var n = a.Length + b.Length;
        if (n < 4) return Undefined(a, b, "The samples need at least four values together.");
        var x = Sorting.Sorted(a);
        var y = Sorting.Sorted(b);
        if (x[0] == y[0] && x[^1] == y[^1] && x[0] == x[^1]) return Undefined(a, b, "All values are equal.");

        var statistic = (Sum(x, y) - 1) / Math.Sqrt(Variance(n, 1.0 / a.Length + 1.0 / b.Length));
        var (p, note) = PValue(statistic);
        return new TestResult("Anderson-Darling", statistic, p, statistic, "normalised A²", a.Length, b.Length, note);
    }

    private static TestResult Undefined(ReadOnlySpan<double> a, ReadOnlySpan<double> b, string note) =>
        new("Anderson-Darling", double.NaN, double.NaN, double.NaN, "normalised A²", a.Length, b.Length, note);

    private static double Sum(double[] x, double[] y)
    {
        double n = x.Length + y.Length, sumX = 0, sumY = 0;
        int i = 0, j = 0;
        while (i < x.Length || j < y.Length)
        {
            var value = i == x.Length ? y[j] : j == y.Length ? x[i] : Math.Min(x[i], y[j]);
            var (fromX, fromY) = (i, j);
            while (i < x.Length && x[i] == value) i++;
            while (j < y.Length && y[j] == value) j++;
            double ties = i - fromX + j - fromY;
            var below = fromX + fromY + ties / 2;
            var weight = ties / n / (below * (n - below) - n * ties / 4);
            var distanceX = n * (fromX + i) / 2.0 - below * x.Length;
            var distanceY = n * (fromY + j) / 2.0 - below * y.Length;
            sumX += weight * distanceX * distanceX;
            sumY += weight * distanceY * distanceY;
        }

        return (sumX / x.Length + sumY / y.Length) * (n - 1) / n;
    }

    private static double Variance(double n, double inverses)
    {
        double h = 0, g = 0;
        for (var i = (int)n - 1; i >= 2; i--)
        {
            h += 1.0 / i;
            g += h / (n - i + 1);
        }

        h += 1;
        var a = 4 * g - 6 + (10 - 6 * g) * inverses;
        var b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6;
        var c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverses + 4 * h;
        var d = 4 * (2 * h + 6) - 8 * h;
        return (a * n * n * n + b * n * n + c * n + d) / ((n - 1) * (n - 2) * (n - 3));
    }

    private static (double P, string? Note) PValue(double statistic)
    {
        if (statistic < Critical[0]) return (0.25, "The p-value is at least 0.25.");
        if (statistic > Critical[^1]) return (0.001, "The p-value is at most 0.001.");
        var curve = Fit.Polynomial(Critical, Array.ConvertAll(Levels, Math.Log), 2);
        return (Math.Exp(Polynomial.Evaluate(statistic, curve)), null);
    }
}
