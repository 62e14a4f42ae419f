using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Gets a file from a web server, bounded in bytes and in time, and follows redirects only to where it may. Thread-safe.
/// </summary>
internal sealed class HttpDownload
{
    private const int MaxRedirects = 10;
    private const string FinalAddress = "Check the address, or use the current address of the file.";
    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(
        new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseCookies = false }));
    private readonly Uri _url;
    private readonly string _name;
    private readonly HttpClient? _client;
    private readonly long _maxBytes;
    private readonly long _maxUnpackedBytes;
    private readonly TimeSpan _timeout;
    private readonly HashSet<string> _otherHosts;

    /// <param name="url">The address.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="options">Valid options.</param>
    public HttpDownload(Uri url, string name, HttpOptions options)
    {
        (_url, _name, _client, _timeout) = (url, name, options.Client, options.Timeout);
        (_maxBytes, _maxUnpackedBytes) = (options.MaxBytes, options.MaxUnpackedBytes);
        _otherHosts = new HashSet<string>(options.AllowedRedirectHosts, StringComparer.OrdinalIgnoreCase);
    }

    /// <exception cref="IOException">The server cannot be reached, or breaks off: what may pass by itself.</exception>
    /// <exception cref="TimeoutException">The server does not continue.</exception>
    /// <exception cref="MlOpsException">The answer is not a file, too large or too slow, or leads where it may not.</exception>
    public async Task RunAsync(Stream to, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_timeout);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        try
        {
            using var response = await AskAsync(stop.Token).ConfigureAwait(false);
            CheckStatus(response.StatusCode);
            var length = response.Content.Headers.ContentLength;
            if (length is { } said) CheckLength(said);
            var from = await response.Content.ReadAsStreamAsync(stop.Token).ConfigureAwait(false);
            await using (from.ConfigureAwait(false))
            {
                var written = await CopyAsync(from, to, (_client ?? Shared.Value).Timeout, stop).ConfigureAwait(false);
                if (length is not null && written != length)
                {
                    throw new IOException($"The response of the server was cut off after {written} of {length} bytes.");
                }
            }
        }
        catch (HttpRequestException e)
        {
            throw new IOException("The server could not be reached, or cut off its response.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw end.IsCancellationRequested
                ? new MlOpsException(
                    $"The download took longer than {_timeout:c}.",
                    "Allow more time with HttpOptions.Timeout, if the server is the right one.",
                    e) { DataSource = _name }
                : new TimeoutException("The server did not answer in time.", e);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(CancellationToken cancellationToken)
    {
        var isFirstHost = true;
        var url = _url;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(url, isFirstHost, cancellationToken).ConfigureAwait(false);
            try
            {
                // A client of others may have followed by itself.
                if (response.RequestMessage?.RequestUri is { IsAbsoluteUri: true } asked && asked != url)
                {
                    isFirstHost &= CheckRedirect(url, asked);
                    url = asked;
                }
                if (!IsRedirect(response)) return response;
                if (redirects == MaxRedirects)
                {
                    throw Misled($"redirects more than {MaxRedirects} times", "Use the final address.");
                }
                var target = Target(url, response);
                isFirstHost &= CheckRedirect(url, target);
                url = target;
            }
            catch
            {
                response.Dispose();
                throw;
            }
            response.Dispose();
        }
    }

    // Headers, cookies and credentials of the client are for the host that it was given for.
    private async Task<HttpResponseMessage> SendAsync(Uri url, bool isFirstHost, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (isFirstHost && _url.UserInfo.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(_url.UserInfo))));
        }
        var client = isFirstHost && _client is not null ? _client : Shared.Value;
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or NotSupportedException)
        {
            // A client that followed by itself tells less of what it found than the address does.
            if (request.RequestUri is { } asked && asked != url) CheckRedirect(url, asked);
            throw;
        }
    }

    private static bool IsRedirect(HttpResponseMessage response) => response.StatusCode is
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private Uri Target(Uri from, HttpResponseMessage response)
    {
        if (response.Headers.Location is { } location && Uri.TryCreate(from, location, out var target)) return target;
        throw Misled("redirects without a valid address", FinalAddress);
    }

    /// <returns>Whether the host is the same.</returns>
    private bool CheckRedirect(Uri from, Uri to)
    {
        if (to.Scheme is not ("http" or "https"))
        {
            throw Misled($"redirects to an address with the scheme '{to.Scheme}:', which is not a web address", FinalAddress);
        }

        // Paths and queries of redirects are signed now and then.
        var target = to.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        if (from.Scheme == "https" && to.Scheme != "https")
        {
            throw Misled($"redirects from https to {target}, where others can read the traffic", "Use an address that stays with https.");
        }
        var isSameHost = string.Equals(from.IdnHost, to.IdnHost, StringComparison.OrdinalIgnoreCase)
            && (from.Port == to.Port || (from.Scheme != to.Scheme && to.IsDefaultPort));
        if (isSameHost || _otherHosts.Contains(to.Authority)) return isSameHost;
        throw Misled(
            $"redirects to {target}, another host or port",
            $"Use the final address of the file, or add '{to.Authority}' to HttpOptions.AllowedRedirectHosts if you trust it.");
    }

    private async Task<long> CopyAsync(Stream from, Stream to, TimeSpan timeout, CancellationTokenSource stop)
    {
        var buffer = new byte[64 * 1024];
        long written = 0;
        while (true)
        {
            stop.CancelAfter(timeout);
            var read = await from.ReadAsync(buffer, stop.Token).ConfigureAwait(false);
            if (read == 0) return written;
            written += read;
            CheckLength(written);
            await to.WriteAsync(buffer.AsMemory(0, read), stop.Token).ConfigureAwait(false);
        }
    }

    // A failure that may pass by itself is an IOException, which is retried.
    private void CheckStatus(HttpStatusCode status)
    {
        if ((int)status is >= 200 and < 300 and not 204 and not 206) return;
        if (status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
        {
            throw new IOException($"The server answered {(int)status}.");
        }
        throw new MlOpsException(
            $"The server answered {(int)status}.",
            status switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Set HttpOptions.Client to an HttpClient with the credentials.",
                HttpStatusCode.PartialContent => "The server sent only a part of the file: request all of it, without a Range header.",
                _ => "Check the address.",
            }) { DataSource = _name };
    }

    // Of what a client has unpacked only this is seen, so both limits hold.
    private void CheckLength(long bytes)
    {
        if (bytes > _maxBytes) throw HttpOptions.TooLarge(nameof(HttpOptions.MaxBytes), _maxBytes, _name);
        if (bytes > _maxUnpackedBytes) throw HttpOptions.TooLarge(nameof(HttpOptions.MaxUnpackedBytes), _maxUnpackedBytes, _name);
    }

    private MlOpsException Misled(string how, string remedy) => new($"The server {how}.", remedy) { DataSource = _name };
}
