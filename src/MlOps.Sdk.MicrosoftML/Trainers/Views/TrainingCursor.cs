using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of a view: all of them, or every n-th block. Confined to a thread.</summary>
internal sealed class TrainingCursor : DataViewRowCursor
{
    private readonly TrainingView _view;
    private readonly bool[] _active;
    private readonly int[]? _order;
    private readonly int _rowCount;
    private readonly int _blockSize;
    private readonly int _blockStep;
    private readonly CancellationToken _cancellationToken;
    private long _batch;
    private int _at;
    private int _end;
    private int _row = -1;
    private long _position = -1;

    public TrainingCursor(
        TrainingView view,
        bool[] active,
        int[]? order,
        int rowCount,
        int blockSize,
        int firstBlock,
        int blockStep,
        CancellationToken cancellationToken)
    {
        _view = view;
        _active = active;
        _order = order;
        _rowCount = rowCount;
        _blockSize = blockSize;
        _blockStep = blockStep;
        _cancellationToken = cancellationToken;
        Begin(firstBlock);
    }

    public override DataViewSchema Schema => _view.Schema;

    // Mappers keep what they computed until the position changes, so it grows with every row, whatever the row's number is.
    public override long Position => _position;

    // Blocks are dealt to cursors in turn, so their numbers bring the rows of all cursors back into order.
    public override long Batch => _batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[_view.IndexOf(column)];

    public override bool MoveNext()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        if (_at >= _end && (_at >= _rowCount || !Begin(_batch + _blockStep)))
        {
            _row = -1;
            _position = -1;
            return false;
        }

        _row = _order is null ? _at : _order[_at];
        _at++;
        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"The column '{column.Name}' was not asked for when the cursor was made.");
        }
        return Getter(column) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"The column '{column.Name}' is {column.Type}, whose values are read as {column.Type.RawType.Name}, " +
                    $"not {typeof(TValue).Name}.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref id) => id = new DataViewRowId((ulong)Row(), 0);

    protected override void Dispose(bool disposing)
    {
        _at = _end = _rowCount;
        _row = -1;
        base.Dispose(disposing);
    }

    private Delegate Getter(DataViewSchema.Column column) => column.Name switch
    {
        TrainingColumns.Features => _view.Sparse is null ? (ValueGetter<VBuffer<float>>)GetDense : GetSparse,
        TrainingColumns.Weight => (ValueGetter<float>)((ref value) => value = (float)_view.Weights.Span[Row()]),
        _ => _view.Task switch
        {
            TaskKind.BinaryClassification => (ValueGetter<bool>)((ref value) => value = Label() > 0),
            // Keys are counted from 1: 0 is a missing one.
            TaskKind.MulticlassClassification => (ValueGetter<uint>)((ref value) => value = (uint)Label() + 1),
            _ => (ValueGetter<float>)((ref value) => value = (float)Label()),
        },
    };

    private void GetDense(ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, _view.Width);
        DenseOf(Row()).CopyTo(editor.Values);
        value = editor.Commit();
    }

    private void GetSparse(ref VBuffer<float> value)
    {
        var row = Row();
        var dense = DenseOf(row);
        var sparse = _view.Sparse!;
        var from = sparse.Starts[row];
        var sparseCount = sparse.Starts[row + 1] - from;
        // A zero that is written out would count as a level that is present.
        var denseCount = dense.Length - dense.Count(0f);
        var editor = VBufferEditor.Create(ref value, _view.Width, denseCount + sparseCount, requireIndicesOnDense: true);
        var to = 0;
        for (var slot = 0; slot < dense.Length; slot++)
        {
            if (dense[slot] == 0) continue;
            editor.Indices[to] = slot;
            editor.Values[to] = dense[slot];
            to++;
        }

        sparse.Slots.Slice(from, sparseCount).CopyTo(editor.Indices[to..]);
        sparse.Values.Slice(from, sparseCount).CopyTo(editor.Values[to..]);
        value = editor.Commit();
    }

    private ReadOnlySpan<float> DenseOf(int row) => _view.Dense.AsSpan(row * _view.DenseWidth, _view.DenseWidth);

    private double Label() => _view.Labels.Span[Row()];

    private int Row() => _row >= 0
        ? _row
        : throw new InvalidOperationException("There is no row to read: call MoveNext first, and read only as long as it returns true.");

    private bool Begin(long block)
    {
        var start = block * _blockSize;
        if (start >= _rowCount)
        {
            _at = _end = _rowCount;
            return false;
        }

        _batch = block;
        _at = (int)start;
        _end = (int)Math.Min(start + _blockSize, _rowCount);
        return true;
    }
}
