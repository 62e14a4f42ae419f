using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Tables in an object store, each as Parquet files that are divided by the values of columns. Thread-safe.</summary>
internal sealed class ParquetObjectSink(
    IObjectStore store, string folder, IReadOnlyList<string> partitionBy, ParquetObjectOptions options, TimeProvider time) : ITableSink
{
    public string Name { get; } = folder.Length == 0 ? store.Name : $"{store.Name}/{folder[..^1]}";

    public ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default) =>
        OpenAsync(schema, Guid.NewGuid().ToString("N"), cancellationToken);

    public async ValueTask<IDataWriter> OpenAsync(Schema schema, string table, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        cancellationToken.ThrowIfCancellationRequested();
        var files = PartitionPath.FilesOf(schema, partitionBy, Name);
        try
        {
            var commit = await LakeCommit.BeginAsync(
                store, folder, [.. partitionBy.Select(column => schema[column])], table, options, time, cancellationToken)
                .ConfigureAwait(false);
            return new ParquetFolderWriter(commit, schema, files, partitionBy, options, Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw ParquetFolderWriter.Failure(e, Name);
        }
    }
}
