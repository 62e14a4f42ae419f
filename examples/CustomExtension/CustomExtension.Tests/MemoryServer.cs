using System.Net;

namespace CustomExtension.Tests;

/// <summary>Keeps what is put under a path. A test with your server's real program says more.</summary>
internal sealed class MemoryServer : HttpMessageHandler
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>The paths, in the order of their first putting.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    public bool IsBroken { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsBroken) return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        var path = request.RequestUri!.AbsolutePath;
        if (request.Method == HttpMethod.Put)
        {
            _files[path] = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        }

        return _files.TryGetValue(path, out var content)
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) }
            : new HttpResponseMessage(HttpStatusCode.NotFound);
    }
}
