using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads points in time of a column with missing values, in seconds since 1970-01-01 UTC.</summary>
internal sealed class TimestampOrNaNGetter(ViewCursor cursor) : ColumnGetter<long, double>(cursor)
{
    private Column? _column;

    public override void Bind(ViewColumn column)
    {
        base.Bind(column);
        _column = column.Column;
    }

    private protected override void Read(ref double value)
    {
        if (Cursor.Row < 0) ViewCursor.ThrowNoRow();
        value = _column!.GetNumber(Cursor.Row);
    }
}
