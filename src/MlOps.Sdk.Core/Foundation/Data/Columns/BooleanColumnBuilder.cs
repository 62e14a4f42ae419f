namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="BooleanColumn"/>. Not thread-safe.</summary>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class BooleanColumnBuilder(int capacity = 16) : ColumnBuilder<bool>(new BooleanColumn(), capacity)
{
    /// <summary>Appends a value.</summary>
    /// <param name="value">The value.</param>
    public void Append(bool value) => Add(value);

    private protected override Column<bool> NewColumn() => new BooleanColumn();
}
