using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A file on a web server: downloaded into a temporary file, which is deleted with the scan. Thread-safe.</summary>
internal sealed class HttpSource : IDataSource
{
    private static readonly Lazy<HttpClient> Shared = new(
        () => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }));
    private readonly Uri _url;
    private readonly Func<string, IDataSource> _file;
    private readonly HttpClient? _client;
    private readonly long _maxBytes;

    public HttpSource(Uri url, Func<string, IDataSource> file, HttpOptions options)
    {
        _url = url;
        _file = file;
        (_client, _maxBytes) = (options.Client, options.MaxBytes);

        // What may be a secret, user information and the query, is not part of the name.
        Name = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var path = Path.GetTempFileName();
        try
        {
            await DownloadAsync(path, cancellationToken).ConfigureAwait(false);
            if (_file(path) is not IFileSource source)
            {
                throw new MlOpsException(
                    "What was downloaded is a file, which this source does not read.",
                    "Give a source of a file: DataSources.Csv, JsonLines or Arrow.") { DataSource = Name };
            }
            return new Scan(await source.WithName(Name).OpenAsync(request, cancellationToken).ConfigureAwait(false), path);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private async Task DownloadAsync(string path, CancellationToken cancellationToken)
    {
        var client = _client ?? Shared.Value;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _url);
            if (_url.UserInfo.Length > 0)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(_url.UserInfo))));
            }
            using var response = await client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, stop.Token).ConfigureAwait(false);
            CheckStatus(response.StatusCode);
            var length = response.Content.Headers.ContentLength;
            if (length > _maxBytes) throw TooLarge();
            var from = await response.Content.ReadAsStreamAsync(stop.Token).ConfigureAwait(false);
            await using (from.ConfigureAwait(false))
            {
                var to = new FileStream(path, FileMode.Truncate, FileAccess.Write);
                await using (to.ConfigureAwait(false))
                {
                    var written = await CopyAsync(from, to, client.Timeout, stop).ConfigureAwait(false);
                    if (length is not null && written != length)
                    {
                        throw new IOException($"The server cut the answer off after {written} of {length} bytes.");
                    }
                }
            }
        }
        catch (HttpRequestException e)
        {
            throw new IOException("The server could not be reached, or broke the answer off.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The server did not answer in time.", e);
        }
    }

    private async Task<long> CopyAsync(Stream from, FileStream to, TimeSpan timeout, CancellationTokenSource stop)
    {
        var buffer = new byte[64 * 1024];
        long written = 0;
        while (true)
        {
            stop.CancelAfter(timeout);
            var read = await from.ReadAsync(buffer, stop.Token).ConfigureAwait(false);
            if (read == 0) return written;
            written += read;
            if (written > _maxBytes) throw TooLarge();
            await to.WriteAsync(buffer.AsMemory(0, read), stop.Token).ConfigureAwait(false);
        }
    }

    // A failure that may pass by itself is an IOException, which is retried.
    private void CheckStatus(HttpStatusCode status)
    {
        if ((int)status is >= 200 and < 300 and not 204) return;
        if (status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
        {
            throw new IOException($"The server answered {(int)status}.");
        }
        throw new MlOpsException(
            $"The server answered {(int)status}.",
            status switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Give an HttpClient with the credentials by HttpOptions.Client.",
                _ => "Check the address.",
            }) { DataSource = Name };
    }

    private MlOpsException TooLarge() =>
        new(
            FormattableString.Invariant($"The file is larger than {_maxBytes:N0} bytes."),
            "Allow more with HttpOptions.MaxBytes, when the address is the right one.") { DataSource = Name };

    private sealed class Scan(IDataScan file, string path) : IDataScan
    {
        public Schema Schema => file.Schema;

        public ContentVersion? Version => file.Version;

        public Watermark? Watermark => file.Watermark;

        public string? Query => file.Query;

        public IReadOnlyList<string> Notes => file.Notes;

        public bool IsRepeatable => file.IsRepeatable;

        public IReadOnlyList<MalformedRow> TakeMalformed() => file.TakeMalformed();

        public IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default) =>
            file.ReadAsync(from, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            try
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                File.Delete(path);
            }
        }
    }
}
