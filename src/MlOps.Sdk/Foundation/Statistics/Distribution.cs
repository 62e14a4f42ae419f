using MathNet.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>Tail probabilities that stay exact far out, where 1 − CDF would be rounded to nothing.</summary>
internal static class Distribution
{
    private static readonly double LogSqrtTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>P(Z ≥ z).</summary>
    public static double NormalTail(double z) => 0.5 * SpecialFunctions.Erfc(z / Constants.Sqrt2);

    /// <summary>The p-value of a standard normal statistic.</summary>
    public static double NormalP(double z, Alternative alternative) => alternative switch
    {
        Alternative.Less => NormalTail(-z),
        Alternative.Greater => NormalTail(z),
        _ => SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2),
    };

    /// <summary>z with P(Z ≤ z) = p.</summary>
    public static double NormalQuantile(double p) => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p);

    /// <summary>The p-value of Student's t.</summary>
    public static double StudentP(double t, double degrees, Alternative alternative)
    {
        if (double.IsNaN(t) || !(degrees > 0)) return double.NaN;
        var both = double.IsInfinity(t) ? 0 : SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + t * t));
        return alternative switch
        {
            Alternative.Less => t < 0 ? both / 2 : 1 - both / 2,
            Alternative.Greater => t > 0 ? both / 2 : 1 - both / 2,
            _ => both,
        };
    }

    /// <summary>P(χ² ≥ x).</summary>
    public static double ChiSquareTail(double x, double degrees)
    {
        if (x <= 0) return 1;
        if (double.IsPositiveInfinity(x)) return 0;
        return SpecialFunctions.GammaUpperRegularized(degrees / 2, x / 2);
    }

    /// <summary>x with P(χ² ≤ x) = p.</summary>
    public static double ChiSquareQuantile(double p, double degrees) => MathNet.Numerics.Distributions.ChiSquared.InvCDF(degrees, p);

    /// <summary>
    /// The binomial probability C(n, k) pᵏ qⁿ⁻ᵏ by Loader's saddle-point expansion (Loader 2000, "Fast and accurate computation of
    /// binomial probabilities"): no cancellation, however large n is.
    /// </summary>
    public static double Binomial(double k, double n, double p, double q)
    {
        if (k < 0 || k > n) return 0;
        if (p <= 0) return k == 0 ? 1 : 0;
        if (q <= 0) return k == n ? 1 : 0;
        if (k == 0) return Math.Exp(n * (p < 0.1 ? LogOnePlus(-p) : Math.Log(q)));
        if (k == n) return Math.Exp(n * (q < 0.1 ? LogOnePlus(-q) : Math.Log(p)));
        var log = StirlingError(n) - StirlingError(k) - StirlingError(n - k) - Deviance(k, n * p) - Deviance(n - k, n * q);
        return Math.Exp(log) * Math.Sqrt(n / (2 * Math.PI * k * (n - k)));
    }

    /// <summary>ln(1 + x) without loss for small x.</summary>
    public static double LogOnePlus(double x)
    {
        var y = 1 + x;
        return y == 1 ? x : Math.Log(y) * (x / (y - 1));
    }

    /// <summary>ln n! − ln(√(2πn) (n/e)ⁿ).</summary>
    private static double StirlingError(double n)
    {
        if (n < 16) return SpecialFunctions.FactorialLn((int)n) - (n + 0.5) * Math.Log(n) + n - LogSqrtTwoPi;
        var square = n * n;
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
    }

    /// <summary>x ln(x/m) + m − x.</summary>
    private static double Deviance(double x, double m)
    {
        if (Math.Abs(x - m) >= 0.1 * (x + m)) return x * Math.Log(x / m) + m - x;
        var v = (x - m) / (x + m);
        var sum = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 3; ; j += 2)
        {
            term *= v * v;
            var next = sum + term / j;
            if (next == sum) return next;
            sum = next;
        }
    }
}
