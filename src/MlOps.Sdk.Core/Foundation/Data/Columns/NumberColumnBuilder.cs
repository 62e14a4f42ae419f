namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="NumberColumn"/>. Not thread-safe.</summary>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class NumberColumnBuilder(int capacity = 16) : ColumnBuilder<double>(new NumberColumn(), capacity)
{
    private protected override double NullElement => double.NaN;

    /// <summary>Appends a value; NaN is kept as a value.</summary>
    /// <param name="value">The value.</param>
    public void Append(double value) => Add(value);

    private protected override Column<double> NewColumn() => new NumberColumn();
}
