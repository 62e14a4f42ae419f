namespace MlOps.Sdk.Training;

/// <summary>Solves symmetric positive definite systems in place, the same way for any number of threads.</summary>
internal static class Cholesky
{
    /// <summary>Factors the lower triangle of a row-major matrix in place.</summary>
    /// <returns>Whether the matrix is positive definite beyond rounding; its content is spoilt when it is not.</returns>
    public static bool TryFactor(Span<double> matrix, int size)
    {
        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            var smallest = row[i] * 1e-13;
            for (var j = 0; j < i; j++) row[j] = (row[j] - Vectors.Dot(row[..j], matrix.Slice(j * size, j))) / matrix[j * size + j];
            var pivot = row[i] - Vectors.Dot(row[..i], row[..i]);
            if (!(pivot > smallest)) return false;
            row[i] = Math.Sqrt(pivot);
        }

        return true;
    }

    /// <summary>Solves with a factored matrix; the right-hand side becomes the solution.</summary>
    public static void Solve(ReadOnlySpan<double> factor, int size, Span<double> vector)
    {
        for (var i = 0; i < size; i++) vector[i] = (vector[i] - Vectors.Dot(factor.Slice(i * size, i), vector[..i])) / factor[i * size + i];
        for (var i = size - 1; i >= 0; i--)
        {
            vector[i] /= factor[i * size + i];
            Vectors.AddScaled(factor.Slice(i * size, i), -vector[i], vector[..i]);
        }
    }
}
