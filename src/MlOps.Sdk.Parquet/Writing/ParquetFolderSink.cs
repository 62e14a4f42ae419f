using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A folder of Parquet files, divided by the values of columns. Thread-safe.</summary>
internal sealed class ParquetFolderSink(
    string path, IReadOnlyList<string> partitionBy, ParquetSinkOptions options, TimeProvider time) : IDataSink
{
    public string Name { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) is { Length: > 0 } name ? name : path;

    public ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        cancellationToken.ThrowIfCancellationRequested();
        var files = PartitionPath.FilesOf(schema, partitionBy, Name);
        if (File.Exists(path))
        {
            throw new MlOpsException("The path of the folder is a file.", "Give the path of a folder.") { DataSource = Name };
        }
        try
        {
            var prefix = FormattableString.Invariant($"part-{time.GetUtcNow():yyyyMMdd'T'HHmmssfffffff}-{Guid.NewGuid():N}");
            var commit = FolderCommit.Begin(Path.GetFullPath(path), prefix);
            return ValueTask.FromResult<IDataWriter>(new ParquetFolderWriter(commit, schema, files, partitionBy, options, Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ParquetFolderWriter.Failure(e, Name);
        }
    }
}
