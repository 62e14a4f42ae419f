using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Rows that could not be read, in a temporary file until all are known. Not thread-safe.</summary>
internal sealed class MalformedSpool : IAsyncDisposable
{
    private const int MaxExamples = 20;

    private static readonly Schema Schema = new(
        new Field("source", ColumnType.Text),
        new Field("line", ColumnType.Integer),
        new Field("column", ColumnType.Text),
        new Field("reason", ColumnType.Text),
        new Field("text", ColumnType.Text),
        new Field("kept", ColumnType.Boolean));

    private readonly RecordBatchBuilder _rows = new(Schema);
    private readonly List<MalformedRow> _examples = [];
    private TemporaryFile? _file;
    private ArrowWriter? _writer;

    /// <summary>How many rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them were not read.</summary>
    public long Lost { get; private set; }

    /// <summary>The first ones.</summary>
    public IReadOnlyList<MalformedRow> Examples => _examples;

    public async ValueTask AddAsync(IReadOnlyList<MalformedRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            Count++;
            if (!row.IsKept) Lost++;
            if (_examples.Count < MaxExamples) _examples.Add(row);
            ((TextColumnBuilder)_rows[0]).Append(row.Source);
            ((IntegerColumnBuilder)_rows[1]).Append(row.Line);
            ((TextColumnBuilder)_rows[2]).Append(row.Column);
            ((TextColumnBuilder)_rows[3]).Append(row.Reason);
            ((TextColumnBuilder)_rows[4]).Append(row.Text.Length <= MalformedRow.MaxText ? row.Text : row.Text[..MalformedRow.MaxText]);
            ((BooleanColumnBuilder)_rows[5]).Append(row.IsKept);
            if (_rows.Count == 4096) await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the file, and copies it.</summary>
    public async Task CopyToAsync(Stream stream, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _writer!.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _file!.Position = 0;
        await _file.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
        {
            _file = TemporaryFile.Create();
            _writer = new ArrowWriter(_file);
            await _writer.BeginAsync(Schema, cancellationToken).ConfigureAwait(false);
        }

        await _writer.WriteAsync(_rows.Build(), cancellationToken).ConfigureAwait(false);
    }
}
