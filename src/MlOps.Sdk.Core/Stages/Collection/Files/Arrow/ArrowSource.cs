using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>An Arrow IPC file, also called Feather version 2. Thread-safe.</summary>
internal sealed class ArrowSource(IFileContent content, string name) : IFileSource
{
    public ArrowSource(string path)
        : this(new PathContent(path), PathContent.NameOf(path))
    {
    }

    public string Name => name;

    // Nothing in it is compressed.
    public IFileSource As(string name, long maxUnpackedBytes) => new ArrowSource(content, name);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        if (request.After is not null)
        {
            throw new MlOpsException(
                "An Arrow file does not support OnlyNew.",
                "Remove OnlyNew, or read a folder to which new files are added.") { DataSource = Name };
        }
        var (schema, version, stamp) = await InspectFileAsync(cancellationToken).ConfigureAwait(false);
        var columns = request.Columns is { } wanted
            ? new Schema(
                wanted.Select(column => schema.Contains(column) ? schema[column] : throw FileInspection.Missing(column, schema, Name)))
            : schema;
        return new Scan(this, columns, version, stamp, request.BatchSize);
    }

    public async ValueTask<FolderPart> InspectAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var (schema, version, stamp) = await InspectFileAsync(cancellationToken).ConfigureAwait(false);
        long rows = 0;
        var counting = new Scan(this, new Schema(schema[0]), version, stamp, RecordBatch.MaxRows);
        await foreach (var batch in counting.ReadAsync(null, cancellationToken).ConfigureAwait(false)) rows += batch.RowCount;
        return new FolderPart(Name, schema, version, rows, columns => new Scan(this, columns, version, stamp, request.BatchSize));
    }

    private async ValueTask<(Schema Schema, ContentVersion Version, (long, DateTime) Stamp)> InspectFileAsync(
        CancellationToken cancellationToken)
    {
        var stamp = content.Stamp();
        var file = content.Open(Name, cancellationToken);
        await using (file.ConfigureAwait(false))
        {
            var version = await VersionOfAsync(content, file, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            var reader = await ArrowReader.OpenAsync(file, Name, cancellationToken).ConfigureAwait(false);
            if (reader.Schema.Count > ReadRequest.MaxColumns)
            {
                throw new MlOpsException(
                    FormattableString.Invariant(
                        $"The Arrow file has {reader.Schema.Count:N0} columns, more than {ReadRequest.MaxColumns:N0}."),
                    "Split the table into several files.") { DataSource = Name };
            }
            if (reader.Schema.Count == 0)
            {
                throw new MlOpsException("The Arrow file has no columns.", "Give a file with at least one column.") { DataSource = Name };
            }
            return (reader.Schema, version, stamp);
        }
    }

    private sealed class Scan(ArrowSource source, Schema columns, ContentVersion version, (long, DateTime) stamp, int batchSize) : IDataScan
    {
        private readonly IFileContent _content = source.Content;

        public Schema Schema => columns;

        public ContentVersion? Version => version;

        public bool IsRepeatable => true;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = _content.Open(source.Name, cancellationToken);
            await using (bytes.ConfigureAwait(false))
            {
                CheckUnchanged();
                var file = new BufferedStream(bytes, 64 * 1024);
                var reader = await ArrowReader.OpenAsync(file, source.Name, cancellationToken).ConfigureAwait(false);
                await foreach (var batch in ArrowBatches.ReadAsync(
                    reader, columns, from?.Row ?? 0, Math.Min(batchSize, RecordBatch.MaxRows), cancellationToken).ConfigureAwait(false))
                {
                    yield return batch;
                }
                CheckUnchanged();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void CheckUnchanged()
        {
            if (_content.Stamp() != stamp) throw FileInspection.Changed(source.Name);
        }
    }

    private IFileContent Content => content;

    /// <summary>What identifies the bytes of a file: what is known of it, or their hash.</summary>
    internal static async ValueTask<ContentVersion> VersionOfAsync(
        IFileContent content, Stream file, CancellationToken cancellationToken) =>
        content.Version ?? new ContentVersion(
            $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false))}");
}
