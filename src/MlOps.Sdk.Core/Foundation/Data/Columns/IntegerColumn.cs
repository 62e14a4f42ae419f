using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>A column of 64-bit signed integers.</summary>
public sealed class IntegerColumn : Column<long>
{
    internal IntegerColumn()
        : base(ColumnType.Integer)
    {
    }

    /// <inheritdoc/>
    public override double GetNumber(int row) => IsNull(row) ? double.NaN : Buffer[row];

    /// <inheritdoc/>
    public override string? GetText(int row) => IsNull(row) ? null : Buffer[row].ToString(CultureInfo.InvariantCulture);
}
