namespace MlOps.Sdk.Data;

/// <summary>A column of true and false.</summary>
public sealed class BooleanColumn : Column<bool>
{
    internal BooleanColumn()
        : base(ColumnType.Boolean)
    {
    }

    /// <inheritdoc/>
    public override double GetNumber(int row) => IsNull(row) ? double.NaN : Buffer[row] ? 1 : 0;

    /// <inheritdoc/>
    public override string? GetText(int row) => IsNull(row) ? null : Buffer[row] ? "true" : "false";
}
