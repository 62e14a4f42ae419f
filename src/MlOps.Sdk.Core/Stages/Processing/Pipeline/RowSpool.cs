using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Rows and their keys in a temporary file, which is gone when the spool is disposed. Written once, then read. Not thread-safe.
/// </summary>
internal sealed class RowSpool : IAsyncDisposable
{
    private readonly TemporaryFile _file;
    private readonly ArrowWriter _writer;
    private readonly Schema _schema;
    private readonly Schema? _raw;
    private readonly Schema _keyed;

    /// <summary>Creates a spool.</summary>
    /// <param name="directory">Where the file is made.</param>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="raw">The columns of the rows before the row-wise steps; <see langword="null"/> when there are none.</param>
    public RowSpool(string directory, Schema schema, Schema? raw)
    {
        _schema = schema;
        _raw = raw;

        // No file or class can have brought these names along.
        _keyed = new Schema([
            .. schema,
            new Field("\0high", ColumnType.Integer),
            new Field("\0low", ColumnType.Integer),
            .. raw?.Select(field => field with { Name = "\0raw" + field.Name }) ?? []
        ]);
        _file = TemporaryFile.Create(directory);
        _writer = new ArrowWriter(_file);
    }

    public ValueTask BeginAsync(CancellationToken cancellationToken) => _writer.BeginAsync(_keyed, cancellationToken);

    /// <exception cref="MlOpsException">The disk is full, or fails.</exception>
    public async ValueTask WriteAsync(KeyedBatch rows, CancellationToken cancellationToken)
    {
        var high = new IntegerColumnBuilder(rows.Keys.Length);
        var low = new IntegerColumnBuilder(rows.Keys.Length);
        foreach (var key in rows.Keys)
        {
            high.Append((long)key.High);
            low.Append((long)key.Low);
        }

        await _writer.WriteAsync(
            new RecordBatch(_keyed, [.. rows.Batch.Columns, high.Build(), low.Build(), .. _raw is null ? [] : rows.Raw.Columns]),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the writing, and reads all rows in the order written.</summary>
    public async IAsyncEnumerable<KeyedBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _file.Position = 0;
        var reader = await ArrowReader.OpenAsync(_file, "spool", cancellationToken).ConfigureAwait(false);
        await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var high = (IntegerColumn)batch.Columns[_schema.Count];
            var low = (IntegerColumn)batch.Columns[_schema.Count + 1];
            var keys = new RowKey[batch.RowCount];
            for (var row = 0; row < keys.Length; row++) keys[row] = new RowKey((ulong)high.Values[row], (ulong)low.Values[row]);
            var raw = _raw is null ? null : new RecordBatch(_raw, [.. batch.Columns.Skip(_schema.Count + 2)]);
            yield return new KeyedBatch(new RecordBatch(_schema, [.. batch.Columns.Take(_schema.Count)]), keys, raw);
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
