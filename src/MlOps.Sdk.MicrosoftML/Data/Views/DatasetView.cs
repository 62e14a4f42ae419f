using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A table in memory as ML.NET sees it. Nothing is copied: cursors read the table's own memory, and only the columns that were requested.
/// Immutable and thread-safe; a cursor is confined to a thread.
/// </summary>
public sealed class DatasetView : IDataView
{
    // Large enough that cursors seldom meet at a border, small enough that a few thousand rows keep several threads busy.
    private const int BlockSize = 1024;
    private readonly ViewShape _shape;
    private readonly ViewColumn[] _columns;
    private readonly int _rowCount;

    internal DatasetView(Schema schema, IReadOnlyList<Column> columns, int rowCount, IEnumerable<string>? chosen)
    {
        var fields = ViewShape.Choose(schema, chosen);
        _columns = [.. fields.Select(field => new ViewColumn(columns[schema.IndexOf(field.Name)]))];
        _shape = ViewShape.Of(fields, Array.ConvertAll(_columns, column => ColumnFacts.Of(column.Column)));
        _rowCount = rowCount;
    }

    /// <summary>
    /// Where ML.NET sees something else than the table holds, as sentences: columns whose type cannot hold missing values, and values that
    /// are rounded. Empty where nothing differs.
    /// </summary>
    public IReadOnlyList<string> Notes => _shape.Notes;

    /// <inheritdoc/>
    public DataViewSchema Schema => _shape.Schema;

    /// <summary>Whether rows can be read in an order by chance: always.</summary>
    public bool CanShuffle => true;

    /// <summary>The number of rows, which is known.</summary>
    public long? GetRowCount() => _rowCount;

    /// <summary>Makes a cursor over all rows.</summary>
    /// <param name="columnsNeeded">The columns that are read; reading others fails.</param>
    /// <param name="rand">
    /// Gives the order of the rows: the same for the same state of the generator. <see langword="null"/> for the order of the table.
    /// </param>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Cursor(_shape.Active(columnsNeeded), Order(rand), Math.Max(_rowCount, 1), 0, 1);

    /// <summary>Makes cursors that share the rows among them, for as many threads.</summary>
    /// <param name="columnsNeeded">The columns that are read; reading others fails.</param>
    /// <param name="n">How many cursors are wanted; fewer are made of a table of few rows.</param>
    /// <param name="rand">Gives the order of the rows, see <see cref="GetRowCursor"/>.</param>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = _shape.Active(columnsNeeded);
        var order = Order(rand);
        var cursors = new DataViewRowCursor[Math.Clamp(n, 1, Math.Max(1, (_rowCount + BlockSize - 1) / BlockSize))];
        for (var i = 0; i < cursors.Length; i++) cursors[i] = Cursor(active, order, BlockSize, i, cursors.Length);
        return cursors;
    }

    private DatasetCursor Cursor(int[] active, int[]? order, int blockSize, int firstBlock, int blockStep) =>
        new(_shape, _columns, _rowCount, active, order, blockSize, firstBlock, blockStep);

    private int[]? Order(Random? rand) => rand is null ? null : RowOrder.Shuffled(_rowCount, rand);
}
