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
        var element = Element();
        value = _column!.IsNull(Cursor.Row) ? float.NaN : element ? 1 : 0;
    }
}
