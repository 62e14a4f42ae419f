using Microsoft.ML;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The rows of a source as ML.NET sees them, from a temporary file: a cursor takes the memory of a batch, so the rows may exceed the
/// memory. Repeatable and thread-safe; a cursor is confined to a thread. Dispose of the view to remove the file, once nothing that reads
/// it is needed any more: what ML.NET makes of a view reads it late.
/// </summary>
public sealed class SnapshotView : IDataView, IDisposable
{
    private readonly SourceSnapshot _snapshot;
    private readonly ViewShape _shape;
    private bool _disposed;

    private SnapshotView(SourceSnapshot snapshot, ViewShape shape)
    {
        _snapshot = snapshot;
        _shape = shape;
    }

    /// <inheritdoc cref="DatasetView.Notes"/>
    public IReadOnlyList<string> Notes => _shape.Notes;

    /// <inheritdoc/>
    public DataViewSchema Schema => _shape.Schema;

    /// <summary>
    /// Whether rows can be read in an order by chance: never, as a file is read from front to back. ML.NET shuffles within a pool of rows
    /// instead; trainers that request it get the order of the file.
    /// </summary>
    public bool CanShuffle => false;

    /// <summary>The number of rows, which is known.</summary>
    public long? GetRowCount() => _snapshot.RowCount;

    /// <summary>Makes a cursor over all rows.</summary>
    /// <param name="columnsNeeded">The columns that are read; others are not decoded, and reading them fails.</param>
    /// <param name="rand">Not used, see <see cref="CanShuffle"/>.</param>
    /// <exception cref="ObjectDisposedException">The view is disposed.</exception>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new SnapshotCursor(_snapshot, _shape, _shape.Active(columnsNeeded));
    }

    /// <summary>Makes a single cursor, whose rows ML.NET divides among its threads.</summary>
    /// <param name="columnsNeeded">The columns that are read; others are not decoded, and reading them fails.</param>
    /// <param name="n">Not used.</param>
    /// <param name="rand">Not used, see <see cref="CanShuffle"/>.</param>
    /// <exception cref="ObjectDisposedException">The view is disposed.</exception>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>Removes the file. Cursors that are in use fail.</summary>
    public void Dispose()
    {
        _disposed = true;
        _snapshot.Dispose();
    }

    internal static async Task<SnapshotView> CreateAsync(
        IDataSource source, IEnumerable<string>? columns, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? names = columns is null ? null : [.. columns];

        // A table of no columns would not know its rows.
        var snapshot = await source.SnapshotAsync(names is [] ? null : names, cancellationToken).ConfigureAwait(false);
        try
        {
            var chosen = ViewShape.Choose(snapshot.Schema, names);
            return new SnapshotView(
                snapshot, ViewShape.Of(chosen, await FactsAsync(snapshot, chosen, cancellationToken).ConfigureAwait(false)));
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    // Types depend on whether values are missing, which only the last row tells: so the columns concerned are read once.
    private static async Task<ColumnFacts[]> FactsAsync(SourceSnapshot snapshot, Schema chosen, CancellationToken cancellationToken)
    {
        var facts = new ColumnFacts[chosen.Count];
        int[] concerned = [.. Enumerable.Range(0, chosen.Count).Where(i => ColumnFacts.Matter(chosen[i].Type))];
        if (concerned.Length == 0) return facts;
        var scan = await snapshot.OpenAsync(
            new ReadRequest { Columns = [.. concerned.Select(i => chosen[i].Name)], BatchSize = RecordBatch.MaxRows },
            cancellationToken).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            await foreach (var batch in scan.ReadAsync(null, cancellationToken).ConfigureAwait(false))
            {
                for (var i = 0; i < concerned.Length; i++)
                {
                    var column = batch.Columns[i];
                    var known = facts[concerned[i]];
                    facts[concerned[i]] = new ColumnFacts(
                        known.Missing + column.NullCount,
                        known.Rounded + (column is IntegerColumn integers ? ColumnFacts.CountRounded(integers) : 0));
                }
            }
        }

        return facts;
    }
}
