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
        var elements = Elements(_length);
        var editor = VBufferEditor.Create(ref value, _length);
        if (_column!.IsNull(Cursor.Row)) editor.Values.Fill(float.NaN);
        else elements.CopyTo(editor.Values);
        value = editor.Commit();
    }
}
