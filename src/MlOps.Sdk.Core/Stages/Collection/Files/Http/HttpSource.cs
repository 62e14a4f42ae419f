using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>A file on a web server: downloaded into a temporary file, which is gone with the scan. Thread-safe.</summary>
internal sealed class HttpSource : IDataSource
{
    private readonly Func<string, IDataSource> _file;
    private readonly HttpDownload _download;
    private readonly long _maxUnpackedBytes;

    public HttpSource(Uri url, Func<string, IDataSource> file, HttpOptions options)
    {
        _file = file;
        _maxUnpackedBytes = options.MaxUnpackedBytes;

        // What may be a secret, user information and the query, is not part of the name.
        Name = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        _download = new HttpDownload(url, Name, options);
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var file = TemporaryFile.Create(hasPath: true);
        try
        {
            await _download.RunAsync(file, cancellationToken).ConfigureAwait(false);
            if (_file(file.Path) is not IFileSource source)
            {
                throw new MlOpsException(
                    "The download is a file, which this source does not read.",
                    "Give a source of a file: DataSources.Csv, JsonLines or Arrow.") { DataSource = Name };
            }
            return new Scan(await source.As(Name, _maxUnpackedBytes).OpenAsync(request, cancellationToken).ConfigureAwait(false), file);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed class Scan(IDataScan rows, TemporaryFile file) : IDataScan
    {
        private bool _disposed;

        public Schema Schema => rows.Schema;

        public ContentVersion? Version => rows.Version;

        public Watermark? Watermark => rows.Watermark;

        public string? Query => rows.Query;

        public IReadOnlyList<string> Notes => rows.Notes;

        public bool IsRepeatable => rows.IsRepeatable;

        public IReadOnlyList<MalformedRow> TakeMalformed() => rows.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            // The path of a closed file may be that of another one by now.
            ObjectDisposedException.ThrowIf(_disposed, this);
            await foreach (var batch in rows.ReadAsync(from, cancellationToken).ConfigureAwait(false)) yield return batch;
        }

        public async ValueTask DisposeAsync()
        {
            _disposed = true;
            try
            {
                await rows.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
