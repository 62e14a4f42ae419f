using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Rows that an earlier run kept. Thread-safe.</summary>
internal sealed class SnapshotSource(string name, ArtifactId snapshot, IArtifactStore artifacts) : IDataSource
{
    public string Name => name;

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var schema = await artifacts.ReadSchemaAsync(snapshot, cancellationToken).ConfigureAwait(false);
        var columns = request.Columns is { } wanted ? new Schema(wanted.Select(column => schema[column])) : schema;
        return new Scan(
            columns,
            new ContentVersion($"sha256:{snapshot}"),
            (from, token) => ReadAsync(columns, from, Math.Min(request.BatchSize, RecordBatch.MaxRows), token));
    }

    private async IAsyncEnumerable<RecordBatch> ReadAsync(
        Schema columns, long from, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = await artifacts.OpenAsync(snapshot, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var reader = await ArrowReader.OpenAsync(stream, name, cancellationToken).ConfigureAwait(false);
            await foreach (var batch in ArrowBatches.ReadAsync(reader, columns, from, batchSize, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }

    private sealed class Scan(
        Schema schema, ContentVersion version, Func<long, CancellationToken, IAsyncEnumerable<RecordBatch>> read) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version => version;

        public bool IsRepeatable => true;

        public IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default) =>
            read(from?.Row ?? 0, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
