namespace MlOps.Sdk.Data;

/// <summary>Builds an <see cref="IntegerColumn"/>. Not thread-safe.</summary>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class IntegerColumnBuilder(int capacity = 16) : ColumnBuilder<long>(new IntegerColumn(), capacity)
{
    /// <summary>Appends a value.</summary>
    /// <param name="value">The value.</param>
    public void Append(long value) => Add(value);

    private protected override Column<long> NewColumn() => new IntegerColumn();
}
