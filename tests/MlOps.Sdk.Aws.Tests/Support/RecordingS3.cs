using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Records requests instead of sending them, and answers as S3 does where nothing else is said. Thread-safe.</summary>
internal sealed class RecordingS3 : HttpMessageHandler
{
    public const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY";

    private readonly List<RecordedRequest> _requests = [];

    /// <summary>Answers, or waits, instead of the recorder; <see langword="null"/> for its own answer.</summary>
    public Func<RecordedRequest, CancellationToken, Task<HttpResponseMessage?>> Answer { get; set; } =
        (_, _) => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>Whether bodies are recorded, too, and not only read.</summary>
    public bool KeepBodies { get; init; } = true;

    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    /// <summary>A client of the real service whose requests are recorded.</summary>
    public AmazonS3Client CreateClient(int repetitions = 0) => new(
        new SessionAWSCredentials(AccessKey, SecretKey, "session-token-of-tests"),
        new AmazonS3Config
        {
            RegionEndpoint = Amazon.RegionEndpoint.EUCentral1,
            HttpClientFactory = new Factory(this),
            MaxErrorRetry = repetitions,
            RetryMode = RequestRetryMode.Standard,
        });

    public static HttpResponseMessage Error(HttpStatusCode status, string code, string more = "") => new(status)
    {
        Content = new StringContent(
            $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code} of {SecretKey}</Message>{more}</Error>",
            Encoding.UTF8,
            "application/xml"),
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers.NonValidated) headers[name] = string.Join(", ", values);
        foreach (var (name, values) in request.Content?.Headers.NonValidated ?? default) headers[name] = string.Join(", ", values);
        var body = KeepBodies && request.Content is not null ? await request.Content.ReadAsByteArrayAsync(cancellationToken) : [];
        if (!KeepBodies && request.Content is not null) await request.Content.CopyToAsync(Stream.Null, cancellationToken);
        var recorded = new RecordedRequest(request.Method.Method, request.RequestUri!, headers, body);
        lock (_requests) _requests.Add(recorded);
        var answer = await Answer(recorded, cancellationToken) ?? Default(recorded);
        answer.RequestMessage = request;
        return answer;
    }

    private static HttpResponseMessage Default(RecordedRequest request)
    {
        var answer = new HttpResponseMessage(request.Method == "DELETE" ? HttpStatusCode.NoContent : HttpStatusCode.OK)
        {
            Content = new StringContent(request.Kind switch
            {
                "POST uploads" => "<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>",
                "POST uploadId" => "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>",
                _ => "",
            }),
        };
        answer.Content.Headers.LastModified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        answer.Headers.TryAddWithoutValidation("ETag", "\"e\"");
        return answer;
    }

    private sealed class Factory(HttpMessageHandler handler) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(handler, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }
}
