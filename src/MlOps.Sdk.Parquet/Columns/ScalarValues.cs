using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Values of one element each: those that are there, and a level per row that is 1 where there is one.</summary>
internal sealed class ScalarValues<T>(T[] values, int[]? levels, Action<ColumnBuilder, T> append) : ColumnValues
{
    private int _row;
    private int _value;

    public override void Append(ColumnBuilder to, int rows)
    {
        for (var end = _row + rows; _row < end; _row++)
        {
            if (levels is null || levels[_row] != 0) append(to, values[_value++]);
            else to.AppendNull();
        }
    }

    public override void Skip(int rows)
    {
        _value += levels is null ? rows : rows - levels.AsSpan(_row, rows).Count(0);
        _row += rows;
    }
}
