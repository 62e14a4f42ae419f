namespace MlOps.Sdk.Statistics;

/// <summary>How far values, and rows of values, lie from the middle. Thread-safe.</summary>
public static class Outliers
{
    /// <summary>The factor that makes the median absolute deviation of a normal distribution its standard deviation.</summary>
    public const double MadScale = 1.4826;

    /// <summary>From this absolute robust z on a value counts as an outlier (Iglewicz and Hoaglin 1993).</summary>
    public const double DefaultThreshold = 3.5;

    /// <summary>The median, and the median absolute deviation from it times <see cref="MadScale"/>.</summary>
    /// <param name="values">The values, finite.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public static (double Median, double Scale) MedianAndScale(ReadOnlySpan<double> values)
    {
        Samples.RequireFinite(values, nameof(values));
        var median = Quantiles.Median(values);
        var deviations = new double[values.Length];
        for (var i = 0; i < deviations.Length; i++) deviations[i] = Math.Abs(values[i] - median);
        return (median, MadScale * Quantiles.Median(deviations));
    }

    /// <summary>
    /// The robust z of each value: its distance from the median in units of the median absolute deviation times <see cref="MadScale"/>.
    /// </summary>
    /// <param name="values">The values, finite.</param>
    /// <returns>One number per value; all NaN when more than half of the values are equal, for then there is no unit.</returns>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public static double[] RobustZ(ReadOnlySpan<double> values)
    {
        var (median, scale) = MedianAndScale(values);
        var z = new double[values.Length];
        for (var i = 0; i < z.Length; i++) z[i] = scale > 0 ? (values[i] - median) / scale : double.NaN;
        return z;
    }

    /// <summary>
    /// The squared Mahalanobis distance of each row from the mean of the reference rows, under their covariance (divisor n − 1).
    /// </summary>
    /// <param name="rows">The rows one after the other, finite.</param>
    /// <param name="columnCount">The number of values of a row.</param>
    /// <param name="reference">The rows that mean and covariance are taken from; may be <paramref name="rows"/> itself.</param>
    /// <returns>
    /// One number per row; all NaN when the covariance is singular: when a column is constant or follows from others, or there
    /// are not more rows than columns.
    /// </returns>
    /// <exception cref="ArgumentException">There is no row, a value is not finite, or the values do not make whole rows.</exception>
    public static double[] Mahalanobis(ReadOnlySpan<double> rows, int columnCount, ReadOnlySpan<double> reference)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columnCount);
        RequireRows(rows, columnCount, nameof(rows));
        RequireRows(reference, columnCount, nameof(reference));
        Samples.Balance(ref rows, ref reference); // the distance has no unit
        var distances = new double[rows.Length / columnCount];
        var (mean, covariance) = Covariance(reference, columnCount);
        if (Factor(covariance) is not { } lower)
        {
            Array.Fill(distances, double.NaN);
            return distances;
        }

        // (x − m)ᵀ Σ⁻¹ (x − m) is the squared length of L⁻¹(x − m), where L Lᵀ = Σ.
        var solved = new double[columnCount];
        for (var row = 0; row < distances.Length; row++)
        {
            for (var i = 0; i < columnCount; i++)
            {
                var rest = rows[row * columnCount + i] - mean[i];
                for (var j = 0; j < i; j++) rest -= lower[i, j] * solved[j];
                solved[i] = rest / lower[i, i];
                distances[row] += solved[i] * solved[i];
            }
        }

        return distances;
    }

    private static void RequireRows(ReadOnlySpan<double> values, int columnCount, string name)
    {
        Samples.RequireFinite(values, name);
        if (values.Length % columnCount != 0)
        {
            throw new ArgumentException($"{values.Length} values are not a multiple of {columnCount}, the number of columns.", name);
        }
    }

    private static (double[] Mean, double[,] Covariance) Covariance(ReadOnlySpan<double> rows, int columnCount)
    {
        var (count, mean, covariance, gaps) = (
            rows.Length / columnCount, new double[columnCount], new double[columnCount, columnCount], new double[columnCount]);
        for (var i = 0; i < rows.Length; i++) mean[i % columnCount] += rows[i] / count;
        for (var row = 0; row < count; row++)
        {
            for (var i = 0; i < columnCount; i++)
            {
                gaps[i] = rows[row * columnCount + i] - mean[i];
                for (var j = 0; j <= i; j++) covariance[i, j] += gaps[i] * gaps[j];
            }
        }

        for (var i = 0; i < columnCount; i++)
        {
            for (var j = 0; j <= i; j++) covariance[i, j] /= count - 1;
        }

        return (mean, covariance);
    }

    /// <summary>The Cholesky factor, lower; <see langword="null"/> when a column's own part of its variance is lost in rounding.</summary>
    private static double[,]? Factor(double[,] covariance)
    {
        var count = covariance.GetLength(0);
        var lower = new double[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var rest = covariance[i, j];
                for (var k = 0; k < j; k++) rest -= lower[i, k] * lower[j, k];
                if (j < i) lower[i, j] = rest / lower[j, j];
                else if (rest > 1e-12 * covariance[i, i]) lower[i, i] = Math.Sqrt(rest);
                else return null;
            }
        }

        return lower;
    }
}
