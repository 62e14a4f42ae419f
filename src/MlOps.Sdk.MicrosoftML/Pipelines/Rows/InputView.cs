using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Rows of columns in memory as an ML.NET pipeline reads them, with the fixed types of an <see cref="InputSchema"/>. Nothing is copied.
/// Thread-safe; a cursor is confined to a thread.
/// </summary>
internal sealed class InputView : IDataView
{
    // Small enough that a few thousand rows keep several threads at work.
    private const int BlockSize = 256;

    private readonly InputSchema _schema;
    private readonly Column?[] _columns;
    private readonly int _start;
    private readonly int[]? _rows;
    private readonly int _count;
    private readonly HashSet<int> _read = [];

    /// <summary>Creates a view of consecutive rows.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">Their values; <see langword="null"/> for one that is never read.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public InputView(InputSchema schema, Column?[] columns, int start, int count)
    {
        _schema = schema;
        _columns = columns;
        _start = start;
        _count = count;
    }

    /// <summary>Creates a view of some rows.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">Their values; <see langword="null"/> for one that is never read.</param>
    /// <param name="rows">The rows, in order.</param>
    public InputView(InputSchema schema, Column?[] columns, int[] rows)
        : this(schema, columns, 0, rows.Length) => _rows = rows;

    public DataViewSchema Schema => _schema.Schema;

    public bool CanShuffle => true;

    /// <summary>The positions of the columns that a cursor was asked for so far.</summary>
    public IReadOnlyCollection<int> Read
    {
        get
        {
            lock (_read) return [.. _read];
        }
    }

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Cursor(Active(columnsNeeded), Order(rand), Math.Max(1, _count), 0, 1);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        var order = Order(rand);
        var cursors = new DataViewRowCursor[Math.Clamp(n, 1, Math.Max(1, (_count + BlockSize - 1) / BlockSize))];
        for (var i = 0; i < cursors.Length; i++) cursors[i] = Cursor(active, order, BlockSize, i, cursors.Length);
        return cursors;
    }

    private InputCursor Cursor(HashSet<int> active, int[]? order, int blockSize, int first, int step)
    {
        var values = new InputValues(_schema, active.Contains);
        foreach (var i in active) values.Bind(i, _columns[i]);
        return new InputCursor(values, order, _start, _count, blockSize, first, step);
    }

    private HashSet<int> Active(IEnumerable<DataViewSchema.Column> columns)
    {
        HashSet<int> active = [.. columns.Select(column => column.Index)];
        lock (_read) _read.UnionWith(active);
        return active;
    }

    // Written out, as the framework does not promise that its own shuffle stays the same from version to version.
    private int[]? Order(Random? random)
    {
        if (random is null) return _rows;
        int[] order = _rows is null ? [.. Enumerable.Range(_start, _count)] : [.. _rows];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
