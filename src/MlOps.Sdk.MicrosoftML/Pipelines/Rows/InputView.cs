using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Rows of columns in memory as an ML.NET pipeline reads them, with the fixed types of an <see cref="InputSchema"/>. Nothing is copied.
/// Thread-safe; a cursor is confined to a thread.
/// </summary>
internal sealed class InputView : IDataView
{
    // Small enough that a few thousand rows keep several threads busy.
    private const int BlockSize = 256;

    private readonly InputSchema _schema;
    private readonly Column?[] _columns;
    private readonly int _count;
    private readonly RowBlocks _blocks;
    private readonly HashSet<int> _read = [];

    /// <summary>Creates a view of consecutive rows.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">Their values; <see langword="null"/> for one that is never read.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public InputView(InputSchema schema, Column?[] columns, int start, int count, CancellationToken cancellationToken)
        : this(schema, columns, count, new RowBlocks(start, count, null, BlockSize, cancellationToken))
    {
    }

    /// <summary>Creates a view of some rows.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">Their values; <see langword="null"/> for one that is never read.</param>
    /// <param name="rows">The rows, in order.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public InputView(InputSchema schema, Column?[] columns, int[] rows, CancellationToken cancellationToken)
        : this(schema, columns, rows.Length, new RowBlocks(0, rows.Length, rows, BlockSize, cancellationToken))
    {
    }

    private InputView(InputSchema schema, Column?[] columns, int count, RowBlocks blocks)
    {
        _schema = schema;
        _columns = columns;
        _count = count;
        _blocks = blocks;
    }

    public DataViewSchema Schema => _schema.Schema;

    public bool CanShuffle => true;

    /// <summary>The positions of the columns that were requested so far.</summary>
    public IReadOnlyCollection<int> Read
    {
        get
        {
            lock (_read) return [.. _read];
        }
    }

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Cursor(Active(columnsNeeded), _blocks.All(rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Array.ConvertAll(_blocks.Shared(n, rand), walk => (DataViewRowCursor)Cursor(active, walk));
    }

    private InputCursor Cursor(HashSet<int> active, RowWalk walk)
    {
        var values = new InputValues(_schema, active.Contains);
        foreach (var i in active) values.Bind(i, _columns[i]);
        return new InputCursor(values, walk);
    }

    private HashSet<int> Active(IEnumerable<DataViewSchema.Column> columns)
    {
        HashSet<int> active = [.. columns.Select(column => column.Index)];
        lock (_read) _read.UnionWith(active);
        return active;
    }
}
