using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The distribution of the Kolmogorov statistic Dₙ for finite n, and of its one-sided form.
/// The method is chosen by region after Simard and L'Ecuyer (2011), "Computing the two-sided Kolmogorov-Smirnov distribution".
/// </summary>
internal static class KolmogorovDistribution
{
    /// <summary>P(Dₙ ≥ x).</summary>
    public static double Tail(int n, double x)
    {
        if (x >= 1) return 0;
        var nx = n * x;
        if (nx <= 0.5) return 1;
        if (nx <= 1)
        {
            // n! (2x − 1/n)ⁿ, factor by factor: neither overflows nor underflows early.
            var inside = 1.0;
            for (var i = 1; i <= n && inside > 0; i++) inside *= (double)i / n * (2 * nx - 1);
            return 1 - inside;
        }

        if (nx >= n - 1) return 2 * Math.Pow(1 - x, n);
        if (x >= 0.5) return 2 * OneSidedTail(n, x);
        var nxx = nx * x;
        if (n <= 140) return nxx <= 4 ? Clip(1 - Durbin(n, x)) : Clip(2 * OneSidedTail(n, x));
        if (nxx >= 370) return 0;
        if (nxx >= 2.2) return Clip(2 * OneSidedTail(n, x));
        return Clip(1 - (n <= 100_000 && n * Math.Pow(x, 1.5) <= 1.4 ? Durbin(n, x) : PelzGood(n, x)));
    }

    /// <summary>P(Dₙ⁺ ≥ x), Smirnov's sum; its terms are binomial probabilities times x / (x + j/n).</summary>
    public static double OneSidedTail(int n, double x)
    {
        if (x >= 1) return 0;
        if (x <= 0) return 1;

        // Above a million the sum is longer than its correction is large.
        if (n > 1_000_000) return Math.Exp(-Math.Pow(6.0 * n * x + 1, 2) / (18.0 * n));
        var last = (int)Math.Floor(n * (1 - x));
        var middle = last / 2;
        var sum = 0.0;
        for (var j = middle; j <= last; j++)
        {
            if (!AddTerm(j)) break;
        }

        for (var j = middle - 1; j >= 0; j--)
        {
            if (!AddTerm(j)) break;
        }

        return Clip(sum);

        bool AddTerm(int j)
        {
            var p = x + (double)j / n;
            var term = x / p * Distribution.Binomial(j, n, p, Math.Max(0, 1 - p));
            sum += term;

            // The terms fall off on both sides of the middle; what is left out is less than n times this.
            return term > sum * 1e-24;
        }
    }

    /// <summary>P(Dₙ ≤ x) by Durbin's matrix, in the form of Marsaglia, Tsang and Wang (2003).</summary>
    private static double Durbin(int n, double x)
    {
        var k = (int)Math.Ceiling(n * x);
        var size = 2 * k - 1;
        var h = k - n * x;
        var matrix = DenseMatrix.Create(size, size, (i, j) => i - j + 1 >= 0 ? 1 : 0);
        for (var i = 0; i < size; i++)
        {
            matrix[i, 0] -= Math.Pow(h, i + 1);
            matrix[size - 1, i] -= Math.Pow(h, size - i);
        }

        if (2 * h > 1) matrix[size - 1, 0] += Math.Pow(2 * h - 1, size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= Math.Min(i, size - 1); j++)
            {
                for (var g = 2; g <= i - j + 1; g++) matrix[i, j] /= g;
            }
        }

        var (power, exponent) = Power(matrix, n);
        var probability = power[k - 1, k - 1];
        for (var i = 1; i <= n; i++)
        {
            probability *= (double)i / n;
            if (probability is > 0 and < 1e-140)
            {
                probability *= Math.ScaleB(1, 480);
                exponent -= 480;
            }
        }

        return Math.ScaleB(probability, exponent);
    }

    /// <summary>A matrix power and the power of two that was taken out of it.</summary>
    private static (Matrix<double> Power, int Exponent) Power(Matrix<double> matrix, int n)
    {
        Matrix<double>? result = null;
        int exponent = 0, baseExponent = 0;
        while (true)
        {
            if ((n & 1) == 1)
            {
                result = result is null ? matrix : result * matrix;
                exponent += baseExponent;
                Rescale(ref result, ref exponent);
            }

            n >>= 1;
            if (n == 0) return (result!, exponent);
            matrix *= matrix;
            baseExponent *= 2;
            Rescale(ref matrix, ref baseExponent);
        }
    }

    private static void Rescale(ref Matrix<double> matrix, ref int exponent)
    {
        if (matrix[matrix.RowCount / 2, matrix.RowCount / 2] < 1e140) return;
        matrix *= Math.ScaleB(1, -465);
        exponent += 465;
    }

    /// <summary>P(Dₙ ≤ x) by the series of Pelz and Good (1976), K₀ + K₁/√n + K₂/n + K₃/n√n.</summary>
    private static double PelzGood(int n, double x)
    {
        var z = Math.Sqrt(n) * x;
        var z2 = z * z;
        var z4 = z2 * z2;
        var z6 = z4 * z2;
        const double pi2 = Math.PI * Math.PI;
        double k0 = 0, k1 = 0, k2 = 0, k3 = 0, whole2 = 0, whole3 = 0;
        for (var k = 0; ; k++)
        {
            var half = pi2 * (k + 0.5) * (k + 0.5);
            var decay = Math.Exp(-half / (2 * z2));
            k0 += decay;
            k1 += (half - z2) * decay;
            k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * half + (1 - 2 * z2) * half * half) * decay;
            k3 += ((5 - 30 * z2) * half * half * half + (212 * z4 - 60 * z2) * half * half + (135 * z4 - 96 * z6) * half - 30 * z6
                - 90 * z4 * z4) * decay;
            var square = pi2 * k * k;
            var wholeDecay = Math.Exp(-square / (2 * z2));
            whole2 += square * wholeDecay;
            whole3 += (3 * square * z2 - square * square) * wholeDecay;
            if (k > 2 && decay < 1e-40) break;
        }

        // The sums run over all integers; each half is summed twice.
        var root = 2 * Math.Sqrt(Math.PI / 2);
        var sqrtN = Math.Sqrt(n);
        return root * (k0 / z
            + k1 / (6 * z4) / sqrtN
            + (k2 / (72 * z6 * z) - whole2 / (36 * z2 * z)) / n
            + (k3 / (6480 * z6 * z4) + whole3 / (216 * z6)) / (n * sqrtN));
    }

    private static double Clip(double p) => Math.Clamp(p, 0, 1);
}
