using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of a snapshot, of which it holds a batch at a time.</summary>
internal sealed class SnapshotCursor : ViewCursor
{
    private readonly SourceSnapshot _snapshot;
    private readonly ReadRequest? _request;
    private readonly int[] _active;
    private IDataScan? _scan;
    private IAsyncEnumerator<RecordBatch>? _batches;
    private int _rowCount;
    private long _before;
    private bool _ended;

    public SnapshotCursor(SourceSnapshot snapshot, ViewShape shape, int[] active)
        : base(shape, active)
    {
        _snapshot = snapshot;
        _active = active;
        foreach (var column in active)
        {
            var field = shape.Columns[column];
            Bind(column, new ViewColumn(ColumnBuilder.Create(field.Type, field.Length).Build()));
        }

        // Whoever requests no column wants to know how many rows there are, which needs no reading.
        if (active.Length == 0) return;
        _request = new ReadRequest { Columns = [.. active.Select(column => shape.Columns[column].Name)], BatchSize = RecordBatch.MaxRows };
    }

    public override long Batch => 0;

    private protected override long Before => _before;

    private protected override long Read => _before + Row;

    public override bool MoveNext()
    {
        var row = Row + 1;
        if (row >= _rowCount)
        {
            if (_ended || !NextBatch()) return Finish();
            row = 0;
        }

        Row = row;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        Finish();
        base.Dispose(disposing);
    }

    private bool NextBatch()
    {
        _before += _rowCount;
        _rowCount = 0;
        if (_request is null)
        {
            _rowCount = (int)Math.Min(_snapshot.RowCount - _before, int.MaxValue);
            return _rowCount > 0;
        }

        _scan ??= Wait(_snapshot.OpenAsync(_request));
        _batches ??= _scan.ReadAsync().GetAsyncEnumerator();
        if (!Wait(_batches.MoveNextAsync())) return false;
        var batch = _batches.Current;
        for (var i = 0; i < _active.Length; i++) Bind(_active[i], new ViewColumn(batch.Columns[i]));
        _rowCount = batch.RowCount;
        return true;
    }

    private bool Finish()
    {
        if (!_ended)
        {
            _ended = true;
            _rowCount = 0;
            if (_batches is not null) Wait(_batches.DisposeAsync());
            if (_scan is not null) Wait(_scan.DisposeAsync());
        }

        return End();
    }

    // Cursors are synchronous. The file is read without waiting for another thread, so none can be missing.
    private static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();

    private static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully) task.AsTask().GetAwaiter().GetResult();
    }
}
