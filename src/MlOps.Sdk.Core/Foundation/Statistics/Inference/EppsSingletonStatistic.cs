using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The Epps–Singleton test: compares empirical characteristic functions at 0.4 and 0.8 semi-interquartile ranges (Epps and Singleton 1986).
/// </summary>
internal static class EppsSingletonStatistic
{
    private const int Dimension = 4;
    private const int Block = 1024;

    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Samples.RequireFinite(a, nameof(a));
        Samples.RequireFinite(b, nameof(b));
        if (a.Length < 5 || b.Length < 5) return Undefined(a.Length, b.Length, "Each sample needs at least five values.");
        Samples.Balance(ref a, ref b); // W has no unit
        var pooled = Sorting.Sorted([.. a, .. b]);
        var scale = (Quantiles.OfSorted(pooled, 0.75) - Quantiles.OfSorted(pooled, 0.25)) / 2;
        if (scale == 0) return Undefined(a.Length, b.Length, "The interquartile range of the pooled sample is 0.");

        double n1 = a.Length, n2 = b.Length, n = n1 + n2;
        var (mean1, covariance1) = Characteristic(a, scale);
        var (mean2, covariance2) = Characteristic(b, scale);
        var decomposition = (covariance1 * (n / n1) + covariance2 * (n / n2)).Svd();
        var (inverse, rank) = PseudoInverse(decomposition.U, decomposition.S, decomposition.VT);
        var difference = mean1 - mean2;
        var w = n * (difference * (inverse * difference));
        if (Math.Max(n1, n2) < 25) w /= 1 + Math.Pow(n, -0.45) + 10.1 * (Math.Pow(n1, -1.7) + Math.Pow(n2, -1.7));
        var note = rank < Dimension ? "The covariance matrix is not of full rank; the test may be inconsistent." : null;
        return new TestResult("Epps-Singleton", w, Distribution.ChiSquareTail(w, rank), w, "W", a.Length, b.Length, note);
    }

    private static TestResult Undefined(int n1, int n2, string note) =>
        new("Epps-Singleton", double.NaN, double.NaN, double.NaN, "W", n1, n2, note);

    private static (Vector<double> Mean, Matrix<double> Covariance) Characteristic(ReadOnlySpan<double> sample, double scale)
    {
        var mean = new double[Dimension];
        var values = new double[sample.Length * Dimension];
        for (var i = 0; i < sample.Length; i++)
        {
            var (sin1, cos1) = Math.SinCos(0.4 / scale * sample[i]);
            var (sin2, cos2) = Math.SinCos(0.8 / scale * sample[i]);
            (values[i * 4], values[i * 4 + 1], values[i * 4 + 2], values[i * 4 + 3]) = (cos1, cos2, sin1, sin2);
        }

        // Block by block: of millions of equal terms each would be rounded the same way, and the inverse enlarges the error.
        for (var start = 0; start < sample.Length; start += Block)
        {
            var part = new double[Dimension];
            for (var i = start; i < Math.Min(start + Block, sample.Length); i++)
            {
                for (var k = 0; k < Dimension; k++) part[k] += values[i * 4 + k];
            }

            for (var k = 0; k < Dimension; k++) mean[k] += part[k];
        }

        for (var k = 0; k < Dimension; k++) mean[k] /= sample.Length;
        var covariance = new DenseMatrix(Dimension);
        for (var start = 0; start < sample.Length; start += Block)
        {
            var part = new double[Dimension, Dimension];
            for (var i = start; i < Math.Min(start + Block, sample.Length); i++)
            {
                for (var k = 0; k < Dimension; k++)
                {
                    for (var l = 0; l < Dimension; l++) part[k, l] += (values[i * 4 + k] - mean[k]) * (values[i * 4 + l] - mean[l]);
                }
            }

            for (var k = 0; k < Dimension; k++)
            {
                for (var l = 0; l < Dimension; l++) covariance[k, l] += part[k, l] / sample.Length;
            }
        }

        return (new DenseVector(mean), covariance);
    }

    private static (Matrix<double> Inverse, int Rank) PseudoInverse(Matrix<double> u, Vector<double> s, Matrix<double> vt)
    {
        var inverse = new DenseMatrix(Dimension);
        var largest = 0.0;
        for (var k = 0; k < Dimension; k++)
        {
            if (s[k] > 1e-15 * s[0]) largest = Math.Max(largest, 1 / s[k]);
        }

        var rank = 0;
        for (var k = 0; k < Dimension; k++)
        {
            if (!(s[k] > 1e-15 * s[0])) continue;
            if (1 / s[k] > largest * Dimension * Math.ScaleB(1, -52)) rank++;
            inverse += (DenseMatrix)vt.Row(k).OuterProduct(u.Column(k)).Divide(s[k]);
        }

        return (inverse, rank);
    }
}
