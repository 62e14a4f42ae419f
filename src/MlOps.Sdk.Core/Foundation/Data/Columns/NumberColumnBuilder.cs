namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="NumberColumn"/>. Not thread-safe.</summary>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class NumberColumnBuilder(int capacity = 16) : ColumnBuilder<double>(new NumberColumn(), capacity)
{
    private protected override double NullElement => double.NaN;

    /// <summary>Appends a value; NaN is kept as a value, −0 as 0.</summary>
    /// <param name="value">The value.</param>
    public void Append(double value) => Add(value + 0.0);

    /// <summary>Appends the number that a <see cref="float"/> prints: 1.1f is 1.1, as if it had been read from a file.</summary>
    /// <param name="value">The value; NaN is kept as a value, −0 as 0.</param>
    public void AppendSingle(float value) => Append(PrintedNumber.Of(value));

    /// <summary>Appends a row of a column of numbers; whole ones become the nearest double.</summary>
    /// <param name="source">A <see cref="NumberColumn"/> or an <see cref="IntegerColumn"/>.</param>
    /// <param name="row">The row to copy, from 0.</param>
    public override void Append(Column source, int row)
    {
        if (source is not IntegerColumn) base.Append(source, row);
        else if (source.IsNull(row)) AppendNull();
        else Add(source.GetNumber(row));
    }

    private protected override Column<double> NewColumn() => new NumberColumn();
}
