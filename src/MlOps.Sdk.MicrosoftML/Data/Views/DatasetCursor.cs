namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of a table in memory: all of them, or every n-th block, in their order or another.</summary>
internal sealed class DatasetCursor : ViewCursor
{
    private readonly int _rowCount;
    private readonly int[]? _order;
    private readonly int _blockSize;
    private readonly int _blockStep;
    private int _at;
    private int _end;
    private long _shift;
    private long _batch;

    /// <summary>Creates a cursor.</summary>
    /// <param name="shape">The columns as ML.NET sees them.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rowCount">The number of rows of the table.</param>
    /// <param name="active">Which columns are read.</param>
    /// <param name="order">The rows in the order in which they are read; <see langword="null"/> for that of the table.</param>
    /// <param name="blockSize">The rows of a block.</param>
    /// <param name="firstBlock">The first block to read.</param>
    /// <param name="blockStep">How many blocks further the next one is.</param>
    public DatasetCursor(
        ViewShape shape, ViewColumn[] columns, int rowCount, int[] active, int[]? order, int blockSize, int firstBlock, int blockStep)
        : base(shape, active)
    {
        foreach (var column in active) Bind(column, columns[column]);
        _rowCount = rowCount;
        _order = order;
        _blockSize = blockSize;
        _blockStep = blockStep;
        Begin(firstBlock);
    }

    // Blocks are dealt to cursors in turn, so their numbers bring the rows of all cursors back into order.
    public override long Batch => _batch;

    private protected override long Read => _at + _shift;

    public override bool MoveNext()
    {
        var at = _at + 1;
        if (at >= _end)
        {
            if (at >= _rowCount || !Begin(_batch + _blockStep)) return Finish();
            at = _at + 1;
        }

        _at = at;
        Row = _order is { } order ? order[at] : at;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        Finish();
        base.Dispose(disposing);
    }

    private bool Begin(long block)
    {
        var start = block * _blockSize;
        if (start >= _rowCount)
        {
            _at = _end = _rowCount;
            return false;
        }
        _batch = block;
        _shift += _end - start;
        _at = (int)start - 1;
        _end = (int)Math.Min(start + _blockSize, _rowCount);
        return true;
    }

    private bool Finish()
    {
        _at = _end = _rowCount;
        return End();
    }
}
