using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Moves over rows in memory, and throws as soon as the token is cancelled, which ends also those trainers that ask nobody. Confined to a
/// thread.
/// </summary>
internal abstract class WalkingCursor : DataViewRowCursor
{
    private readonly RowWalk _walk;
    private long _batch;
    private int _at;
    private int _end;
    private int _row = -1;
    private long _position = -1;

    private protected WalkingCursor(RowWalk walk)
    {
        _walk = walk;
        Begin(walk.FirstBlock);
    }

    // Mappers keep what they computed until the position changes, so it grows with every row, whatever the row's number is.
    public sealed override long Position => _position;

    // Blocks are dealt to cursors in turn, so their numbers bring the rows of all cursors back into order.
    public sealed override long Batch => _batch;

    /// <summary>The row in the columns that are read.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    protected int Row => _row >= 0
        ? _row
        : throw new InvalidOperationException("There is no row to read: call MoveNext first, and read only as long as it returns true.");

    public sealed override bool MoveNext()
    {
        _walk.CancellationToken.ThrowIfCancellationRequested();
        if (_at >= _end && (_at >= _walk.Count || !Begin(_batch + _walk.BlockStep))) return End();
        _row = _walk.Order is { } order ? order[_at] : _walk.Start + _at;
        _at++;
        _position++;
        OnRow(_row);
        return true;
    }

    // Trainers keep what they know of a row under its id, from one order by chance to the next: it is that of the row, not of its place.
    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 0);

    /// <summary>The cursor has come to a row; -1 when there is none any more.</summary>
    private protected virtual void OnRow(int row)
    {
    }

    protected override void Dispose(bool disposing)
    {
        _at = _end = _walk.Count;
        End();
        base.Dispose(disposing);
    }

    private bool End()
    {
        _row = -1;
        _position = -1;
        OnRow(-1);
        return false;
    }

    private bool Begin(long block)
    {
        var start = block * _walk.BlockSize;
        if (start >= _walk.Count)
        {
            _at = _end = _walk.Count;
            return false;
        }

        _batch = block;
        _at = (int)start;
        _end = (int)Math.Min(start + _walk.BlockSize, _walk.Count);
        return true;
    }
}
