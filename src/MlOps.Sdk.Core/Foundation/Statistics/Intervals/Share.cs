namespace MlOps.Sdk.Statistics;

/// <summary>A share of rows with the number of rows that it is known from, which need not be whole where rows have weights.</summary>
/// <param name="Value">The share, 0 to 1.</param>
/// <param name="Rows">The number of rows of equal weight that say as much, above 0.</param>
internal readonly record struct Share(double Value, double Rows)
{
    /// <summary>Wilson's limits at a normal quantile.</summary>
    public (double Lower, double Upper) At(double z)
    {
        var denominator = 1 + z * z / Rows;
        var center = (Value + z * z / (2 * Rows)) / denominator;
        var half = z * Math.Sqrt(Value * (1 - Value) / Rows + z * z / (4 * Rows * Rows)) / denominator;

        // At the ends the bound is exactly 0 or 1; the subtraction would leave a rounding error.
        return (Value == 0 ? 0 : Math.Max(0, center - half), Value == 1 ? 1 : Math.Min(1, center + half));
    }

    /// <summary>The share with two rows of either outcome added (Agresti and Coull 1998): never 0 or 1, so it has a variance.</summary>
    public static double Shrunk(double value, double rows) => (value * rows + 2) / (rows + 4);
}
