using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Writes a table into a folder, one file for each combination of the values of its partition. Not thread-safe.</summary>
internal sealed class ParquetFolderWriter(
    ITableCommit commit,
    Schema schema,
    Schema fileSchema,
    IReadOnlyList<string> partitionBy,
    ParquetSinkOptions options,
    string name) : IDataWriter
{
    // Each has an open file.
    private const int MaxFiles = 500;

    // All files together, where a row group of each would be more.
    private const int MaxBufferedRows = 1 << 20;
    private readonly PartitionPath _path = new(partitionBy, name);
    private readonly Dictionary<string, ParquetEncoder> _files = new(StringComparer.Ordinal);
    private bool _isOpen = true;
    private long _rows;

    public static MlOpsException Failure(Exception cause, string name) => new(
        $"The files cannot be written: {cause.Message}",
        "Check that there is space, and that this process may write there; nothing of the table is kept.",
        cause) { DataSource = name };

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default)
    {
        SinkWriter.Check(batch, schema, _isOpen, name);
        cancellationToken.ThrowIfCancellationRequested();
        _isOpen = false;
        try
        {
            foreach (var rows in Enumerable.Range(0, batch.RowCount).GroupBy(row => _path.Of(batch, row), StringComparer.Ordinal))
            {
                var part = new RecordBatch(fileSchema, [.. fileSchema.Select(field => batch[field.Name])]).Take([.. rows]);
                var encoder = await EncoderOfAsync(rows.Key, cancellationToken).ConfigureAwait(false);
                await encoder.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            }

            while (_files.Values.Sum(file => (long)file.BufferedRows) > Math.Max(MaxBufferedRows, options.RowGroupRows))
            {
                await _files.Values.MaxBy(file => file.BufferedRows)!.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e, name);
        }

        _rows += batch.RowCount;
        _isOpen = true;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        SinkWriter.Check(_isOpen);
        cancellationToken.ThrowIfCancellationRequested();
        _isOpen = false;
        try
        {
            if (partitionBy.Count == 0) await EncoderOfAsync("", cancellationToken).ConfigureAwait(false);
            foreach (var file in _files.Values) await file.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await commit.CompleteAsync(_rows, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw Failure(e, name);
        }
    }

    public ValueTask DisposeAsync() => commit.DisposeAsync();

    private async ValueTask<ParquetEncoder> EncoderOfAsync(string folder, CancellationToken cancellationToken)
    {
        if (_files.TryGetValue(folder, out var known)) return known;
        if (_files.Count == MaxFiles)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The partition has more than {MaxFiles} combinations of values."),
                "Partition by columns with fewer values, or write the table in several parts.") { DataSource = name };
        }
        var target = commit.NameOf(_files.Count);
        if (folder.Length > 0) target = $"{folder}/{target}";
        if (!commit.CanKeep(target)) throw TooLong(folder);
        var file = commit.Create(target);
        var encoder = ParquetEncoder.To(file, name, options, [.. partitionBy.Select(column => schema[column])]);
        _files.Add(folder, encoder);
        await encoder.BeginAsync(fileSchema, cancellationToken).ConfigureAwait(false);
        return encoder;
    }

    private MlOpsException TooLong(string folder)
    {
        var longest = folder.Split('/').Index().MaxBy(part => part.Item.Length).Index;
        return new MlOpsException(
            "A value is too long for the key of an object, or the values together are.",
            "Partition by columns with short values, or write with a shorter prefix.")
        {
            DataSource = name,
            Column = partitionBy.Count > 0 ? partitionBy[longest] : null,
        };
    }
}
