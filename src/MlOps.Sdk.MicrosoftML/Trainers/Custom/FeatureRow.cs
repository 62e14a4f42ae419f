using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// One feature vector after the other, in the same object. ML.NET's parts keep what they computed for a row until the position changes: it
/// advances with every row, or they would give the answers of the row before. Confined to a thread.
/// </summary>
internal sealed class FeatureRow(DataViewSchema schema, int width) : DataViewRow
{
    private long _position = -1;
    private VBuffer<float> _values;

    public override long Position => _position;

    public override long Batch => 0;

    public override DataViewSchema Schema => schema;

    /// <summary>Goes to a row of a block.</summary>
    public void MoveTo(in FeatureBlock rows, int row)
    {
        var dense = rows.Row(row);
        if (rows.IsDense)
        {
            var editor = VBufferEditor.Create(ref _values, width);
            dense.CopyTo(editor.Values);
            _values = editor.Commit();
        }
        else
        {
            SparseVector.Write(ref _values, width, dense, rows.SparseSlots(row), rows.SparseValues(row));
        }

        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index == 0;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        column.Index == 0 && (Delegate)(ValueGetter<VBuffer<float>>)Copy is ValueGetter<TValue> getter
            ? getter
            : throw new InvalidOperationException(
                $"The column '{column.Name}' is {column.Type}, whose values are read as {column.Type.RawType.Name}, " +
                    $"not {typeof(TValue).Name}.");

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref id) => id = new DataViewRowId((ulong)_position, 0);

    private void Copy(ref VBuffer<float> value) => _values.CopyTo(ref value);
}
