using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>A column of 64-bit floating-point numbers; NaN stands where there is no value.</summary>
public sealed class NumberColumn : Column<double>
{
    internal NumberColumn()
        : base(ColumnType.Number)
    {
    }

    /// <inheritdoc/>
    public override double GetNumber(int row) => IsNull(row) ? double.NaN : Buffer[row];

    /// <inheritdoc/>
    public override string? GetText(int row) => IsNull(row) ? null : Buffer[row].ToString("R", CultureInfo.InvariantCulture);
}
