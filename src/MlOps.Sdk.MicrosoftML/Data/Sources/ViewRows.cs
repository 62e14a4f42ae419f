using System.Globalization;
using Microsoft.ML;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The rows of a view in batches. Not thread-safe.</summary>
/// <param name="view">The view.</param>
/// <param name="fields">The columns to read.</param>
/// <param name="name">The view's name, for messages.</param>
internal sealed class ViewRows(IDataView view, IReadOnlyList<ViewField> fields, string name)
{
    // A batch of wide vectors has fewer rows than requested, so that it takes up to 64 MB.
    private const int MaxElements = 1 << 24;

    private readonly List<MalformedRow> _malformed = [];

    /// <summary>The columns.</summary>
    public Schema Schema { get; } = new(fields.Select(field => field.Field));

    /// <summary>Hands the rows over that could not be read since the last call.</summary>
    public IReadOnlyList<MalformedRow> TakeMalformed()
    {
        MalformedRow[] taken = [.. _malformed];
        _malformed.Clear();
        return taken;
    }

    /// <summary>Reads the rows. A batch without rows says that malformed ones can be taken.</summary>
    /// <param name="batchSize">Rows of a batch at most.</param>
    /// <param name="from">How many rows to leave out first.</param>
    /// <param name="malformed">What happens to rows that cannot be read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">A row cannot be read, and reading is to fail then.</exception>
    public IEnumerable<RecordBatch> Read(int batchSize, long from, MalformedRows malformed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var cursor = view.GetRowCursor(fields.Select(field => field.Source));
        CellReader[] cells = [.. fields.Select(field => CellReaders.Create(field, cursor))];
        var width = fields.Sum(field => (long)field.Field.Length);
        var size = (int)Math.Clamp(MaxElements / width, 1, Math.Min(batchSize, RecordBatch.MaxRows));
        long at = 0;
        var (taken, aside) = (0, 0);
        while (cursor.MoveNext())
        {
            // Rows may be computed slowly, and nobody but the reader can stop.
            cancellationToken.ThrowIfCancellationRequested();
            if (at++ < from) continue;
            if (Take(cells, at, malformed)) taken++;
            else aside++;
            if (taken < size && aside < size) continue;
            yield return Build(cells);
            (taken, aside) = (0, 0);
        }

        if (taken + aside > 0) yield return Build(cells);
    }

    private RecordBatch Build(CellReader[] cells) => new(Schema, Array.ConvertAll(cells, cell => cell.Column.Build()));

    private bool Take(CellReader[] cells, long row, MalformedRows malformed)
    {
        HashSet<CellReader>? faulty = null;
        foreach (var cell in cells)
        {
            if (cell.Read() is not { } fault) continue;
            if (malformed == MalformedRows.Fail)
            {
                throw new MlOpsException(
                    string.Create(CultureInfo.InvariantCulture, $"A value of row {row:N0} cannot be read: {fault}."),
                    "Convert the column in ML.NET, or quarantine such rows with Malformed(…).")
                {
                    DataSource = name,
                    Column = cell.Name
                };
            }
            _malformed.Add(new MalformedRow(name, row, cell.Name, fault, fault, malformed == MalformedRows.Null));
            if (malformed == MalformedRows.Quarantine) return false;
            (faulty ??= []).Add(cell);
        }

        foreach (var cell in cells)
        {
            if (faulty?.Contains(cell) == true) cell.Column.AppendNull();
            else cell.Append();
        }

        return true;
    }
}
