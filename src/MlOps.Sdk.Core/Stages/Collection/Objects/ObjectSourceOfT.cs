using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Objects in memory, one row each. Thread-safe as long as nobody changes the objects.</summary>
internal sealed class ObjectSource<T> : IDataSource
{
    private readonly T[] _rows;
    private readonly ObjectShape<T> _shape = new();

    public ObjectSource(IEnumerable<T> rows, string name)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _rows = [.. rows];
        _ = _shape.Schema;
        if (_shape.Schema.Count == 0)
        {
            throw new MlOpsException(
                $"{typeof(T).Name} has no public properties.",
                "Give objects with a public property for each column.") { DataSource = name };
        }
        for (var i = 0; i < _rows.Length; i++)
        {
            if (_rows[i] is null)
            {
                throw new MlOpsException($"Object {i + 1} is null.", "Remove null objects.") { DataSource = name };
            }
        }
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        if (_rows.Length == 0) throw new MlOpsException("There are no objects.", "Give at least one.") { DataSource = Name };
        var schema = _shape.Schema;
        if (request.Columns is { } columns)
        {
            schema = new Schema(columns.Select(column => _shape.Schema.Contains(column)
                ? _shape.Schema[column]
                : throw NearestName.MissingColumn(column, "The request", _shape.Schema)));
        }
        var scan = new Scan(this, schema, _shape.Bind(schema), request.RowsOf(schema));
        await scan.HashAsync(cancellationToken).ConfigureAwait(false);
        return scan;
    }

    private sealed class Scan(ObjectSource<T> source, Schema schema, Action<T, ColumnBuilder[]> append, int batchSize) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version { get; private set; }

        public bool IsRepeatable => true;

        public async ValueTask HashAsync(CancellationToken cancellationToken)
        {
            using var hash = SHA256.Create();
            var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
            await using (stream.ConfigureAwait(false))
            {
                var writer = new ArrowWriter(stream);
                await writer.BeginAsync(schema, cancellationToken).ConfigureAwait(false);
                await foreach (var batch in Batches(0, RecordBatch.MaxRows, cancellationToken).ConfigureAwait(false))
                {
                    await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                }
                await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }

            Version = new ContentVersion($"sha256:{Convert.ToHexStringLower(hash.Hash!)}");
        }

        public IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default) =>
            Batches(from?.Row ?? 0, batchSize, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async IAsyncEnumerable<RecordBatch> Batches(
            long from, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            var builders = schema.Select(field => ColumnBuilder.Create(field.Type, field.Length, size)).ToArray();
            for (var start = from; start < source._rows.Length; start += size)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var end = Math.Min(start + size, source._rows.Length);
                for (var row = start; row < end; row++) append(source._rows[row], builders);
                yield return new RecordBatch(schema, Array.ConvertAll(builders, builder => builder.Build()));
            }
        }
    }
}
