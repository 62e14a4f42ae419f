using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>Records requests, and sends them on or answers as the service does. Thread-safe.</summary>
/// <param name="passOn">Whether they are sent.</param>
internal sealed class RecordingBlobs(bool passOn = false) : HttpMessageHandler
{
    public const string Key = "c2VjcmV0LWtleS1vZi10ZXN0cw==";

    private readonly List<RecordedRequest> _requests = [];
    private readonly HttpMessageInvoker _network = new(new SocketsHttpHandler());

    /// <summary>Answers, or waits, instead of the recorder; <see langword="null"/> for its own answer.</summary>
    public Func<RecordedRequest, CancellationToken, Task<HttpResponseMessage?>> Answer { get; set; } =
        (_, _) => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>Changes the body of an upload after its checksum was computed.</summary>
    public Action<byte[]>? Change { get; init; }

    /// <summary>Whether bodies are recorded, too, and not only read.</summary>
    public bool KeepBodies { get; init; } = true;

    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    /// <summary>A client whose requests are recorded: of the real service where no address is given.</summary>
    public BlobServiceClient CreateClient(Uri? address = null, string key = Key, int repetitions = 0)
    {
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04)
        {
            Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false)),
        };
        options.Retry.MaxRetries = repetitions;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        return new BlobServiceClient(
            address ?? new Uri("https://devstoreaccount1.blob.core.windows.net"),
            new StorageSharedKeyCredential(BlobEmulator.Account, key),
            options);
    }

    public static HttpResponseMessage Error(HttpStatusCode status, string code)
    {
        var answer = new HttpResponseMessage(status)
        {
            Content = new StringContent(
                $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{code} of {Key}</Message>" +
                    $"<AuthenticationErrorDetail>string to sign: {Key}</AuthenticationErrorDetail></Error>",
                Encoding.UTF8,
                "application/xml"),
        };
        answer.Headers.TryAddWithoutValidation("x-ms-error-code", code);
        return answer;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers.NonValidated) headers[name] = string.Join(", ", values);
        foreach (var (name, values) in request.Content?.Headers.NonValidated ?? default) headers[name] = string.Join(", ", values);
        var body = KeepBodies && request.Content is not null ? await request.Content.ReadAsByteArrayAsync(cancellationToken) : [];
        if (!KeepBodies && request.Content is not null) await request.Content.CopyToAsync(Stream.Null, cancellationToken);
        var recorded = new RecordedRequest(request.Method.Method, request.RequestUri!, headers, body);
        lock (_requests) _requests.Add(recorded);
        if (await Answer(recorded, cancellationToken) is { } answer) return answer;
        if (!passOn) return Default(recorded);
        if (Change is not null && body.Length > 0) request.Content = Changed(request.Content!, body);
        return await _network.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _network.Dispose();
        base.Dispose(disposing);
    }

    private static HttpResponseMessage Default(RecordedRequest request)
    {
        var answer = new HttpResponseMessage(
            request.Method switch { "PUT" => HttpStatusCode.Created, "DELETE" => HttpStatusCode.Accepted, _ => HttpStatusCode.OK })
        {
            Content = new ByteArrayContent([]),
        };
        answer.Content.Headers.LastModified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        answer.Headers.TryAddWithoutValidation("ETag", "\"0x1\"");
        if (request["Content-MD5"] is { } md5) answer.Content.Headers.TryAddWithoutValidation("Content-MD5", md5);
        answer.Headers.TryAddWithoutValidation("x-ms-request-server-encrypted", "true");
        return answer;
    }

    private ByteArrayContent Changed(HttpContent content, byte[] body)
    {
        Change!(body);
        var changed = new ByteArrayContent(body);
        foreach (var (name, values) in content.Headers.NonValidated) changed.Headers.TryAddWithoutValidation(name, [.. values]);
        return changed;
    }
}
