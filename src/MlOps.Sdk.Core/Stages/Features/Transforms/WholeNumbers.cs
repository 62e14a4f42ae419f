using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>
/// A column of whole numbers that a transform reads as numbers: that a file had none but whole ones does not mean that none but whole ones
/// will come.
/// </summary>
internal static class WholeNumbers
{
    // Beyond it, two whole numbers may be one double.
    private const long Exact = 1L << 53;

    /// <summary>The column as numbers, unless it holds identifiers that would lose digits.</summary>
    public static Field Widen(Field field, Column column)
    {
        if (column is not IntegerColumn integers) return field;
        for (var row = 0; row < column.Length; row++)
        {
            if (integers.Values[row] is < -Exact or > Exact) return field;
        }

        return field with { Type = ColumnType.Number };
    }
}
