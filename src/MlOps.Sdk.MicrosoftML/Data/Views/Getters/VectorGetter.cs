using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads vectors into the memory that the caller brings along; every element of a missing one is NaN.</summary>
internal sealed class VectorGetter(ViewCursor cursor) : ColumnGetter<float, VBuffer<float>>(cursor)
{
    private Column? _column;
    private int _length;

    public override void Bind(ViewColumn column)
    {
        base.Bind(column);
        _column = column.Column;
        _length = column.Column.ElementCount;
    }

    private protected override void Read(ref VBuffer<float> value)
    {
        var row = Cursor.Row;
        if (row < 0) throw ViewCursor.NoRow();
        var editor = VBufferEditor.Create(ref value, _length);
        if (_column!.IsNull(row)) editor.Values.Fill(float.NaN);
        else Values.AsSpan(row * _length, _length).CopyTo(editor.Values);
        value = editor.Commit();
    }
}
