using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// One row after the other, in the same object. ML.NET's parts keep what they computed for a row until the position changes: it advances
/// with every row, or they would give the answers of the row before. Confined to a thread.
/// </summary>
internal sealed class InputRow(InputValues values) : DataViewRow
{
    private long _position = -1;

    public override long Position => _position;

    public override long Batch => 0;

    public override DataViewSchema Schema => values.Schema;

    /// <summary>Goes to a row of the bound columns.</summary>
    public void MoveTo(int row)
    {
        values.Row = row;
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => values.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => values.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
}
