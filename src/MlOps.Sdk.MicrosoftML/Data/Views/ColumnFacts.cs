using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>What decides how a column can be read by ML.NET.</summary>
/// <param name="Missing">How many rows have no value.</param>
/// <param name="Rounded">How many integers <see cref="float"/> cannot hold; counted only where rows have no value.</param>
internal readonly record struct ColumnFacts(long Missing, long Rounded)
{
    /// <summary>Whether the type in ML.NET depends on missing values.</summary>
    public static bool Matter(ColumnType type) =>
        type is ColumnType.Integer or ColumnType.Boolean or ColumnType.Text or ColumnType.Timestamp;

    /// <summary>The facts of a column.</summary>
    public static ColumnFacts Of(Column column) =>
        new(column.NullCount, column is IntegerColumn integers && column.NullCount > 0 ? CountRounded(integers) : 0);

    /// <summary>How many integers <see cref="float"/> cannot hold.</summary>
    public static long CountRounded(IntegerColumn column)
    {
        var values = column.Values;
        long rounded = 0;
        for (var row = 0; row < values.Length; row++)
        {
            // Compared in 128 bits, as the nearest Single of the largest integers is not a long.
            if (!column.IsNull(row) && (Int128)(float)values[row] != values[row]) rounded++;
        }

        return rounded;
    }
}
