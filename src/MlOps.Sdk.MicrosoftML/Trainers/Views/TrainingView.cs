using Microsoft.ML;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Features, labels and weights as trainers of the library see them. Rows come in their order, or in one drawn by the caller's generator; a
/// cursor throws as soon as the token is cancelled, which ends also those trainers that ask nobody. Thread-safe; a cursor is confined to
/// a thread.
/// </summary>
internal sealed class TrainingView : IDataView
{
    // Large enough that cursors seldom meet at a border, small enough that a few thousand rows keep several threads busy.
    private const int BlockSize = 1024;

    private readonly FeatureMatrix _features;
    private readonly Lazy<float[]> _dense;
    private readonly RowBlocks _blocks;
    private readonly CancellationToken _cancellationToken;
    private int _read;

    /// <summary>Creates a view.</summary>
    /// <param name="features">The features.</param>
    /// <param name="labels">The label of each row.</param>
    /// <param name="weights">The weight of each row; empty when all weigh the same.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="classCount">The number of classes, whatever rows there are.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public TrainingView(
        FeatureMatrix features,
        ReadOnlyMemory<double> labels,
        ReadOnlyMemory<double> weights,
        TaskKind task,
        int classCount,
        CancellationToken cancellationToken)
    {
        _features = features;
        Labels = labels;
        Weights = weights;
        Task = task;
        _blocks = new RowBlocks(0, features.RowCount, null, BlockSize, cancellationToken);
        _cancellationToken = cancellationToken;
        Schema = TrainingSchema.Create(features.Slots, task, classCount, !weights.IsEmpty);
        // Trainers read row by row, and often; column by column each value would come from another line of the cache.
        _dense = new Lazy<float[]>(CopyDense);
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    /// <summary>The label of each row.</summary>
    public ReadOnlyMemory<double> Labels { get; }

    /// <summary>The weight of each row; empty when all weigh the same.</summary>
    public ReadOnlyMemory<double> Weights { get; }

    /// <summary>What is predicted.</summary>
    public TaskKind Task { get; }

    /// <summary>The number of slots.</summary>
    public int Width => _features.Width;

    /// <summary>The number of dense slots, which come first.</summary>
    public int DenseWidth => _features.DenseWidth;

    /// <summary>The values of the dense slots, row after row.</summary>
    public float[] Dense => _dense.Value;

    /// <summary>The values of the other slots.</summary>
    public SparseFeatures? Sparse => _features.Sparse;

    /// <summary>Whether some cursor requested a column.</summary>
    public bool IsRead(string column) => (Volatile.Read(ref _read) & (1 << Schema[column].Index)) != 0;

    public long? GetRowCount() => _features.RowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Cursor(Active(columnsNeeded), _blocks.All(rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Array.ConvertAll(_blocks.Shared(n, rand), walk => (DataViewRowCursor)Cursor(active, walk));
    }

    /// <summary>The position of a column.</summary>
    /// <exception cref="InvalidOperationException">The column is not one of this view.</exception>
    public int IndexOf(DataViewSchema.Column column) => column.Index < Schema.Count && Schema[column.Index].Name == column.Name
        ? column.Index
        : throw new InvalidOperationException($"The column '{column.Name}' is not one of this view.");

    /// <summary>Feature vectors of rows that are spread over all.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<float[]> Sample(int most)
    {
        var count = Math.Min(most, _features.RowCount);
        var rows = new float[count][];
        for (var i = 0; i < count; i++) rows[i] = Row((int)((long)i * _features.RowCount / count));
        return rows;
    }

    /// <summary>The feature vector of a row.</summary>
    public float[] Row(int row)
    {
        var values = new float[Width];
        Dense.AsSpan(row * DenseWidth, DenseWidth).CopyTo(values);
        if (Sparse is not { } sparse) return values;
        for (var i = sparse.Starts[row]; i < sparse.Starts[row + 1]; i++) values[sparse.Slots[i]] = sparse.Values[i];
        return values;
    }

    private TrainingCursor Cursor(bool[] active, RowWalk walk) => new(this, active, walk);

    private bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columns)
        {
            active[IndexOf(column)] = true;
            Interlocked.Or(ref _read, 1 << column.Index);
        }

        return active;
    }

    private float[] CopyDense()
    {
        var rows = new float[_features.RowCount * _features.DenseWidth];
        for (var start = 0; start < _features.RowCount; start += BlockSize)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BlockSize, _features.RowCount - start);
            _features.CopyRows(start, count, rows.AsSpan(start * _features.DenseWidth, count * _features.DenseWidth));
        }

        return rows;
    }
}
