using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Calls SageMaker: JSON over HTTP with signed requests, repeated when SageMaker cannot answer now. Thread-safe.
/// </summary>
internal sealed class SageMakerApi : IDisposable
{
    private const string JsonType = "application/x-amz-json-1.1";
    private const int Repetitions = 5;

    // A container has 60 seconds to answer.
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(70);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = RequestTime,
        MaxResponseContentBufferSize = 16 << 20,
    };

    private readonly ResiliencePipeline<(byte[]? Body, SageMakerFailure? Failure)> _pipeline;
    private readonly Uri _api;
    private readonly Uri _runtime;
    private readonly string _region;
    private readonly TimeProvider _time;
    private AWSCredentials? _credentials;

    /// <exception cref="MlOpsException">There is no region.</exception>
    public SageMakerApi(SageMakerOptions options, AWSCredentials? credentials, TimeProvider time)
    {
        (_credentials, _time) = (credentials, time);
        _region = options.Region ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? throw new MlOpsException(
            "SageMaker cannot be called: AWS's default chain has no region.",
            "Set SageMakerOptions.Region, AWS_REGION, or the region of the profile.");
        _api = options.ApiAddress ?? AddressOf("api");
        _runtime = options.RuntimeAddress ?? AddressOf("runtime");
        _pipeline = new ResiliencePipelineBuilder<(byte[]? Body, SageMakerFailure? Failure)> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<(byte[]? Body, SageMakerFailure? Failure)>
            {
                MaxRetryAttempts = Repetitions,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromSeconds(20),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result.Failure is { IsTemporary: true }),
            })
            .Build();
    }

    /// <summary>Makes a call of the service.</summary>
    /// <param name="call">Its name, such as <c>CreateModel</c>.</param>
    /// <param name="request">Its members.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SageMakerFailure">It failed.</exception>
    public async Task<JsonObject> CallAsync(string call, JsonObject request, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(request.ToJsonString());
        var answer = await SendAsync(
            call, _api, "/", [new("Content-Type", JsonType), new("X-Amz-Target", $"SageMaker.{call}")], body, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            return answer.Length == 0 ? [] : JsonNode.Parse(answer)!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SageMakerFailures.Unreachable(call, e);
        }
    }

    /// <summary>Makes a call whose subject may not be there.</summary>
    /// <returns>The answer; <see langword="null"/> where the subject is not there.</returns>
    /// <exception cref="SageMakerFailure">It failed.</exception>
    public async Task<JsonObject?> FindAsync(string call, JsonObject request, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(call, request, cancellationToken).ConfigureAwait(false);
        }
        catch (SageMakerFailure e) when (e.IsMissing)
        {
            return null;
        }
    }

    /// <summary>Sends JSON to the containers of an endpoint.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="variant">The production variant that answers.</param>
    /// <param name="body">The JSON.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SageMakerFailure">It failed.</exception>
    public Task<byte[]> InvokeAsync(string endpoint, string variant, byte[] body, CancellationToken cancellationToken) => SendAsync(
        "InvokeEndpoint",
        _runtime,
        $"/endpoints/{endpoint}/invocations",
        [
            new("Content-Type", "application/json"),
            new("Accept", "application/json"),
            new("X-Amzn-SageMaker-Target-Variant", variant),
        ],
        body,
        cancellationToken);

    public void Dispose() => _http.Dispose();

    private Uri AddressOf(string part) =>
        new($"https://{part}.sagemaker.{_region}.{RegionEndpoint.GetBySystemName(_region).PartitionDnsSuffix}");

    private async Task<byte[]> SendAsync(
        string call,
        Uri address,
        string path,
        KeyValuePair<string, string>[] headers,
        byte[] body,
        CancellationToken cancellationToken)
    {
        var credentials = await CredentialsAsync(cancellationToken).ConfigureAwait(false);
        var (answer, failure) = await _pipeline.ExecuteAsync(
            async token => await SendOnceAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return answer ?? throw failure!;

        async Task<(byte[]? Body, SageMakerFailure? Failure)> SendOnceAsync(CancellationToken token)
        {
            // Each is signed again: a signature is valid for a few minutes.
            using var request = SignedHttp.Create(address, path, headers, body, _region, credentials, _time.GetUtcNow());
            try
            {
                using var response = await _http.SendAsync(request, token).ConfigureAwait(false);
                var content = await response.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) return (content, null);
                var (code, said) = SageMakerFailures.Read(response, content);
                return (null, SageMakerFailures.Explain(call, response.StatusCode, code, said));
            }
            catch (Exception e)
                when (e is HttpRequestException or IOException || (e is OperationCanceledException && !token.IsCancellationRequested))
            {
                return (null, SageMakerFailures.Unreachable(call, e));
            }
        }
    }

    private async Task<ImmutableCredentials> CredentialsAsync(CancellationToken cancellationToken)
    {
        try
        {
            _credentials ??= DefaultAWSCredentialsIdentityResolver.GetCredentials();
            return await _credentials.GetCredentialsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException)
        {
            throw new MlOpsException(
                "SageMaker cannot be called: there are no credentials.",
                "Set those of AWS's default chain (environment, profile, role of the machine or container), or add AWSCredentials to the " +
                    "container of services.",
                e);
        }
    }
}
