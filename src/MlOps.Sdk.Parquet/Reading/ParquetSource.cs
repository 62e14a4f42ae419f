using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A Parquet file. Opening reads its description, and all of it once to hash it; reading streams it again. Thread-safe.</summary>
internal sealed class ParquetSource(IFileContent content, ParquetReading reading, string name) : IFileSource
{
    public ParquetSource(string path, ParquetReading reading)
        : this(new PathContent(path), reading, PathContent.NameOf(path))
    {
    }

    public string Name => name;

    public IFileSource As(string name, long maxUnpackedBytes) =>
        new ParquetSource(content, reading with { MaxUnpackedBytes = maxUnpackedBytes }, name);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        if (request.After is not null)
        {
            throw new MlOpsException(
                "A Parquet file does not support OnlyNew.",
                "Remove OnlyNew, or read a folder to which new files are added.") { DataSource = Name };
        }
        var table = await InspectFileAsync(request.Columns, cancellationToken).ConfigureAwait(false);
        return new ParquetScan(content, Name, table, request);
    }

    public async ValueTask<FolderPart> InspectAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var table = await InspectFileAsync(null, cancellationToken).ConfigureAwait(false);
        var rows = table.Filters.Count == 0
            ? table.Layout.Rows
            : await CountAsync(table, cancellationToken).ConfigureAwait(false);
        return new FolderPart(
            Name, table.Schema, table.Version, rows, schema => new ParquetScan(content, Name, table.Of(schema), request))
        {
            PartitionTypes = table.Layout.PartitionTypes,
        };
    }

    private async ValueTask<ParquetTable> InspectFileAsync(IReadOnlyList<string>? wanted, CancellationToken cancellationToken)
    {
        var stamp = content.Stamp();
        var file = content.Open(Name, cancellationToken);
        await using (file.ConfigureAwait(false))
        {
            var version = await ArrowSource.VersionOfAsync(content, file, cancellationToken).ConfigureAwait(false);
            var layout = await FileLayout.ReadAsync(file, Name, cancellationToken).ConfigureAwait(false);
            try
            {
                var columns = ColumnsOf(layout, wanted);
                for (var i = 0; i < columns.Length; i++)
                {
                    if (columns[i].Kind != ValueKind.Vector) continue;
                    var length = await VectorLengthAsync(file, layout, columns[i], cancellationToken).ConfigureAwait(false);
                    columns[i] = columns[i] with { Field = columns[i].Field with { Length = length } };
                }

                return new ParquetTable(layout, columns, FiltersOf(layout), VersionOf(version), stamp, reading);
            }
            catch (InvalidDataException e)
            {
                throw ParquetFailure.Damaged(Name, "its description cannot be read", e);
            }
        }
    }

    private ParquetColumn[] ColumnsOf(FileLayout layout, IReadOnlyList<string>? wanted)
    {
        var nodes = layout.Root.Children;
        if (nodes.Count > ReadRequest.MaxColumns)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The Parquet file has {nodes.Count:N0} columns, more than {ReadRequest.MaxColumns:N0}."),
                "Split the table into several files.") { DataSource = Name };
        }
        if (nodes.Count == 0)
        {
            throw new MlOpsException("The Parquet file has no columns.", "Give a file with at least one column.") { DataSource = Name };
        }

        // Names are checked before types, so that a column that cannot be read is no reason not to read the others.
        var names = new Schema(nodes.Select(node => new Field(node.Name, ColumnType.Text)));
        return [.. (wanted ?? [.. names.Select(field => field.Name)]).Select(column => names.TryGetIndex(column, out var index)
            ? ParquetColumn.Of(nodes[index], Name)
            : throw FileInspection.Missing(column, names, Name))];
    }

    private RowFilter[] FiltersOf(FileLayout layout) =>
        [.. reading.Ranges.Select(range => new RowFilter(ColumnsOf(layout, [range.Column])[0], range, Name))];

    private ContentVersion VersionOf(ContentVersion version)
    {
        if (reading.Ranges.Count == 0) return version;
        var rows = ContentVersion.Of(string.Join('\n', reading.Ranges.Select(range => range.Key))).Value["sha256:".Length..];
        return new ContentVersion($"{version.Value};rows:{rows[..16]}");
    }

    // What our own files say; others must have a list.
    private async ValueTask<int> VectorLengthAsync(
        Stream file, FileLayout layout, ParquetColumn column, CancellationToken cancellationToken)
    {
        if (layout.VectorLengths.TryGetValue(column.Field.Name, out var known)) return known;
        foreach (var group in layout.Groups)
        {
            var memory = new UnpackedBytes(reading, Name);
            memory.Begin(group, [column]);
            var values = await ColumnReader.ReadAsync(
                file, layout, group, column, memory, Name, cancellationToken).ConfigureAwait(false);
            if (values is VectorValues { Length: > 0 } vectors) return vectors.Length;
        }

        throw ParquetFailure.Refused(Name, column.Field.Name, "has no list, so that its length is not known", "Read other columns.");
    }

    private async ValueTask<long> CountAsync(ParquetTable table, CancellationToken cancellationToken)
    {
        long count = 0;
        var memory = new UnpackedBytes(reading, Name);
        var file = content.Open(Name, cancellationToken);
        await using (file.ConfigureAwait(false))
        {
            foreach (var group in table.Groups)
            {
                var rows = await RowGroupRows.OpenAsync(file, table with { Columns = [] }, group, memory, Name, cancellationToken)
                    .ConfigureAwait(false);
                while (rows.HasMore) count += rows.Count(RecordBatch.MaxRows);
            }
        }

        return count;
    }
}
