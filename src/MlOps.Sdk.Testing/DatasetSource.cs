using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>A table in memory as a data source: repeatable, with a version by content. Thread-safe.</summary>
/// <param name="rows">The table.</param>
/// <param name="name">A name for messages and lineage.</param>
public sealed class DatasetSource(Dataset rows, string name = "dataset") : IDataSource
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        cancellationToken.ThrowIfCancellationRequested();
        var schema = request.Columns is { } columns ? new Schema(columns.Select(column => rows.Schema[column])) : rows.Schema;
        return ValueTask.FromResult<IDataScan>(new Scan(rows, schema, Math.Min(request.BatchSize, RecordBatch.MaxRows)));
    }

    private sealed class Scan(Dataset rows, Schema schema, int batchSize) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version { get; } = new($"sha256:{Hash(rows)}");

        public bool IsRepeatable => true;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            for (var start = (int)Math.Min(from?.Row ?? 0, rows.RowCount); start < rows.RowCount; start += batchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int[] taken = [.. Enumerable.Range(start, Math.Min(batchSize, rows.RowCount - start))];
                yield return new RecordBatch(schema, [.. schema.Select(field => rows[field.Name].Take(taken))]);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string Hash(Dataset rows) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{rows.Schema}\n{string.Join('\n', Cells.Of(rows))}")));
    }
}
