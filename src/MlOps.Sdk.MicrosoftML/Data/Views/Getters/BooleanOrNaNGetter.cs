using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads true and false of a column with missing values.</summary>
internal sealed class BooleanOrNaNGetter(ViewCursor cursor) : ColumnGetter<bool, float>(cursor)
{
    private Column? _column;

    public override void Bind(ViewColumn column)
    {
        base.Bind(column);
        _column = column.Column;
    }

    private protected override void Read(ref float value)
    {
        var values = Values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) throw ViewCursor.NoRow();
        value = _column!.IsNull(row) ? float.NaN : values[row] ? 1 : 0;
    }
}
