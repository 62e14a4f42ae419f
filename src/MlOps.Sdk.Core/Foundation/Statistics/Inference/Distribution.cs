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

    /// <summary>t with P(T ≤ t) = p.</summary>
    public static double StudentQuantile(double p, double degrees)
    {
        if (!(degrees > 0) || double.IsNaN(p)) return double.NaN;
        if (p < 0.5) return -StudentQuantile(1 - p, degrees);
        if (p >= 1) return double.PositiveInfinity;

        // The normal quantile lies below. The tail is convex, so Newton's steps from there never go too far.
        var t = NormalQuantile(p);
        for (var step = 0; step < 200; step++)
        {
            var by = (StudentTails(t, degrees) / 2 - (1 - p)) / MathNet.Numerics.Distributions.StudentT.PDF(0, 1, degrees, t);
            if (!double.IsFinite(by)) break;
            t += by;

            // Each step doubles the digits.
            if (Math.Abs(by) <= 1e-8 * t) break;
        }

        return t;
    }

    /// <summary>The p-value of Student's t.</summary>
    public static double StudentP(double t, double degrees, Alternative alternative)
    {
        if (double.IsNaN(t) || !(degrees > 0)) return double.NaN;
        var both = double.IsInfinity(t) ? 0 : StudentTails(Math.Abs(t), degrees);
        return alternative switch
        {
            Alternative.Less => t < 0 ? both / 2 : 1 - both / 2,
            Alternative.Greater => t > 0 ? both / 2 : 1 - both / 2,
            _ => both,
        };
    }

    /// <summary>
    /// P(|T| ≥ t): the incomplete beta function with its two arguments ν/(ν + t²) and t²/(ν + t²) each computed by itself, for 1 less the
    /// other loses all digits where t is small and ν large; by the continued fraction (DLMF 8.17.22) from the side where it converges.
    /// </summary>
    private static double StudentTails(double t, double degrees)
    {
        var a = degrees / 2;
        var ratio = t / Math.Sqrt(degrees);
        var square = ratio * ratio;
        if (degrees > 1e6) return NearlyNormalTails(degrees, square);

        // xᵃ √y / B(a, ½) with x = 1/(1 + square), y = square · x.
        var logX = square < 1e300 ? -LogOnePlus(square) : -2 * Math.Log(ratio);
        var x = 1 / (1 + square);
        var y = square < 1e300 ? square * x : 1;
        var front = Math.Exp(a * logX) * ratio * Math.Exp(logX / 2) * GammaRatio(a) / Math.Sqrt(Math.PI);
        return x < (a + 1) / (a + 2.5)
            ? front / a * BetaFraction(a, 0.5, x)
            : 1 - front / 0.5 * BetaFraction(0.5, a, y);
    }

    /// <summary>
    /// For so many degrees of freedom 1 − ν/(ν + t²) has lost digits; the normal deviate of Hill (1970), Algorithm 396, has all of them.
    /// </summary>
    private static double NearlyNormalTails(double degrees, double square)
    {
        var a = degrees - 0.5;
        var b = 48 * a * a;
        var y = a * LogOnePlus(square);
        var z = (((((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b) + y + 3) / b + 1) * Math.Sqrt(y);
        return double.IsFinite(z) ? SpecialFunctions.Erfc(z / Constants.Sqrt2) : 0;
    }

    /// <summary>Γ(a + ½)/Γ(a) without the loss of subtracting two large logarithms.</summary>
    private static double GammaRatio(double a)
    {
        if (a < 16) return SpecialFunctions.Gamma(a + 0.5) / SpecialFunctions.Gamma(a);

        // ln Γ(z + 1) = ½ ln 2πz + z ln z − z + error(z), for z = a − ½ and a − 1.
        double above = a - 0.5, below = a - 1;
        return Math.Exp(above * LogOnePlus(0.5 / below) - 0.5 + StirlingSeries(above) - StirlingSeries(below)) * Math.Sqrt(above);
    }

    /// <summary>The continued fraction of the incomplete beta function, by the method of Lentz.</summary>
    private static double BetaFraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        double c = 1, d = 1 - (a + b) * x / (a + 1);
        d = 1 / (Math.Abs(d) < tiny ? tiny : d);
        var fraction = d;
        for (var m = 1; m <= 1_000_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 + even * d;
            c = 1 + even / c;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            if (Math.Abs(c) < tiny) c = tiny;
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + odd * d;
            c = 1 + odd / c;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            if (Math.Abs(c) < tiny) c = tiny;
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1) < 1e-16) break;
        }

        return fraction;
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
        return StirlingSeries(n);
    }

    private static double StirlingSeries(double n)
    {
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
