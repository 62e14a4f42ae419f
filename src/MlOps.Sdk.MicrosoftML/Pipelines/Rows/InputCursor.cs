using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of an <see cref="InputView"/>: over all of them, or over every n-th block. Confined to a thread.</summary>
internal sealed class InputCursor : DataViewRowCursor
{
    private readonly InputValues _values;
    private readonly int[]? _order;
    private readonly int _start;
    private readonly int _count;
    private readonly int _blockSize;
    private readonly int _step;
    private long _position = -1;
    private long _block;
    private int _at;
    private int _end;

    /// <summary>Creates a cursor.</summary>
    /// <param name="values">The values, with the columns bound.</param>
    /// <param name="order">The rows in the order of reading; <see langword="null"/> for consecutive ones.</param>
    /// <param name="start">The first row where they are consecutive.</param>
    /// <param name="count">The number of rows of the view.</param>
    /// <param name="blockSize">The rows of a block.</param>
    /// <param name="first">The first block to read.</param>
    /// <param name="step">How many blocks further the next one is.</param>
    public InputCursor(InputValues values, int[]? order, int start, int count, int blockSize, int first, int step)
    {
        _values = values;
        _order = order;
        _start = start;
        _count = count;
        _blockSize = blockSize;
        _step = step;
        Begin(first);
    }

    public override long Position => _position;

    // Blocks are dealt to cursors in turn, so their numbers bring the rows of all cursors back into order.
    public override long Batch => _block;

    public override DataViewSchema Schema => _values.Schema;

    public override bool MoveNext()
    {
        if (_at + 1 >= _end && !Begin(_block + _step)) return false;
        _at++;
        _values.Row = _order is null ? _start + _at : _order[_at];
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _values.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _values.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_at, 0);

    private bool Begin(long block)
    {
        var first = block * _blockSize;
        if (first >= _count)
        {
            _at = _end = _count;
            _position = -1;
            return false;
        }

        _block = block;
        _at = (int)first - 1;
        _end = (int)Math.Min(first + _blockSize, _count);
        return true;
    }
}
