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
        foreach (var column in partitionBy) Check(schema, column);
        var files = new Schema(schema.Where(field => !partitionBy.Contains(field.Name)));
        if (files.Count == 0)
        {
            throw new MlOpsException(
                "All columns are in the paths of the files, so that these would have none.",
                "Partition by fewer columns.") { DataSource = Name };
        }
        if (File.Exists(path))
        {
            throw new MlOpsException("The path of the folder is a file.", "Give the path of a folder.") { DataSource = Name };
        }
        try
        {
            var commit = FolderCommit.Begin(Path.GetFullPath(path));
            var prefix = FormattableString.Invariant($"part-{time.GetUtcNow():yyyyMMdd'T'HHmmssfffffff}-{Guid.NewGuid():N}");
            return ValueTask.FromResult<IDataWriter>(new ParquetFolderWriter(commit, schema, files, partitionBy, options, prefix, Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ParquetFolderWriter.Failure(e, Name);
        }
    }

    private void Check(Schema schema, string column)
    {
        if (!schema.Contains(column))
        {
            var missing = NearestName.MissingColumn(column, "The partition", schema);
            throw new MlOpsException(missing.Problem, missing.Remedy) { DataSource = Name, Column = column };
        }
        if (schema[column].Type is not (ColumnType.Integer or ColumnType.Text))
        {
            throw new MlOpsException(
                $"A table cannot be partitioned by the column '{PrintableText.Shorten(column)}', which is {schema[column].Type}.",
                "Partition by a column of whole numbers or texts, for example the year or the date as text.")
            {
                DataSource = Name,
                Column = column,
            };
        }
    }
}
