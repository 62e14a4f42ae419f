using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The rows of a source as they were when it was read, in a temporary file: they can be read as often as wanted, from any position, by
/// several readers at once, and each takes the memory of a batch. The file is gone when the snapshot is disposed, at the latest with the
/// process. Thread-safe.
/// </summary>
public sealed class SourceSnapshot : IDataSource, IDisposable
{
    private readonly TemporaryFile _file;
    private readonly ContentVersion? _version;
    private bool _disposed;

    private SourceSnapshot(string name, Schema schema, ContentVersion? version, TemporaryFile file)
    {
        Name = name;
        Schema = schema;
        _version = version;
        _file = file;
    }

    /// <summary>The name of the source.</summary>
    public string Name { get; }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>The number of rows.</summary>
    public long RowCount { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The snapshot is disposed.</exception>
    public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (request.After is not null)
        {
            throw new MlOpsException("A snapshot does not support OnlyNew.", "Remove OnlyNew, or read its source.") { DataSource = Name };
        }
        var columns = request.Columns is { } wanted ? new Schema(wanted.Select(column => Schema[column])) : Schema;
        return ValueTask.FromResult<IDataScan>(new Scan(this, columns, Math.Min(request.BatchSize, RecordBatch.MaxRows)));
    }

    /// <summary>Removes the file. Readers that are in use fail.</summary>
    public void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }

    internal static async Task<SourceSnapshot> CreateAsync(
        string name,
        Schema schema,
        ContentVersion? version,
        IAsyncEnumerable<RecordBatch> rows,
        CancellationToken cancellationToken)
    {
        var snapshot = new SourceSnapshot(name, schema, version, TemporaryFile.Create());
        try
        {
            var writer = new ArrowWriter(snapshot._file);
            await writer.BeginAsync(schema, cancellationToken).ConfigureAwait(false);
            await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            snapshot.RowCount = writer.RowCount;
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    private sealed class Scan(SourceSnapshot snapshot, Schema columns, int batchSize) : IDataScan
    {
        public Schema Schema => columns;

        public ContentVersion? Version => snapshot._version;

        public bool IsRepeatable => true;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(snapshot._disposed, snapshot);
            cancellationToken.ThrowIfCancellationRequested();
            var file = new SharedFileStream(snapshot._file.SafeFileHandle);
            await using (file.ConfigureAwait(false))
            {
                var reader = await ArrowReader.OpenAsync(file, snapshot.Name, cancellationToken).ConfigureAwait(false);
                await foreach (var batch in ArrowBatches.ReadAsync(
                    reader, columns, from?.Row ?? 0, batchSize, cancellationToken).ConfigureAwait(false))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return batch;
                }
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
