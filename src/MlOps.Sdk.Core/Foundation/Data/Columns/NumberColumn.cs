using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>A column of 64-bit floating-point numbers; NaN where there is no value.</summary>
public sealed class NumberColumn : Column<double>
{
    internal NumberColumn()
        : base(ColumnType.Number)
    {
    }

    /// <inheritdoc/>
    public override double GetNumber(int row) => IsNull(row) ? double.NaN : Buffer[row];

    /// <inheritdoc/>
    public override string? GetText(int row)
    {
        if (IsNull(row)) return null;

        // A column of a file may hold −0, which is 0.
        return (Buffer[row] + 0.0).ToString("R", CultureInfo.InvariantCulture);
    }
}
