using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk;

/// <summary>Calls an MLflow server: repeated where that helps, and bounded in time and bytes. Thread-safe.</summary>
internal sealed class MlflowClient
{
    private const string Api = "api/2.0/mlflow/";
    private const string ArtifactsApi = "api/2.0/mlflow-artifacts/artifacts/";
    private const int LongestAnswer = 16 << 20;
    private const double BytesPerSecond = 1_000_000;

    private static readonly Lazy<HttpClient> s_shared = new(() => new HttpClient(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
        }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan });

    private readonly MlflowOptions _options;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<MlflowAnswer> _pipeline;

    public MlflowClient(MlflowOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _pipeline = options.Retries == 0
            ? ResiliencePipeline<MlflowAnswer>.Empty
            : new ResiliencePipelineBuilder<MlflowAnswer> { TimeProvider = time }
                .AddRetry(new RetryStrategyOptions<MlflowAnswer>
                {
                    MaxRetryAttempts = options.Retries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromSeconds(1),
                    MaxDelay = TimeSpan.FromSeconds(30),
                    ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
                    {
                        { Exception: HttpRequestException or IOException or TimeoutException } => true,
                        { Result: { } answer } => answer.MayPass,
                        _ => false,
                    }),
                    DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
                })
                .Build();
    }

    private string Name => $"The MLflow server at '{_options.Server.Host}'";

    /// <summary>Posts a request.</summary>
    public Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> type, JsonTypeInfo<TAnswer> answer, CancellationToken cancellationToken) =>
        ReadAsync(SendAsync(() => Post(path, request, type), 0, cancellationToken), path, answer);

    /// <summary>Posts a request whose answer is empty.</summary>
    public async Task PostAsync<TRequest>(
        string path, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(() => Post(path, request, type), 0, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess) throw Refused(answer, path);
    }

    /// <summary>Gets an answer; <see langword="null"/> where the server says that there is no such thing.</summary>
    public async Task<TAnswer?> FindAsync<TAnswer>(
        string path, string query, JsonTypeInfo<TAnswer> type, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var answer = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, new Uri(_options.Server, $"{Api}{path}?{query}")), 0, cancellationToken)
            .ConfigureAwait(false);
        if (!answer.IsSuccess && ErrorOf(answer)?.ErrorCode == "RESOURCE_DOES_NOT_EXIST") return null;
        return Read(answer, path, type);
    }

    /// <summary>
    /// Finds something, else makes it. When nobody knows whether it was made, it is looked for again before it is made again.
    /// </summary>
    public async Task<TFound> FindOrPostAsync<TFound, TRequest, TAnswer>(
        Func<CancellationToken, Task<TFound?>> find,
        string path,
        TRequest request,
        JsonTypeInfo<TRequest> type,
        JsonTypeInfo<TAnswer> answerType,
        Func<TAnswer, TFound> made,
        CancellationToken cancellationToken)
        where TFound : class
    {
        TFound? found = null;
        var answer = await ExecuteAsync(
            async end =>
            {
                found = await find(end).ConfigureAwait(false);
                return found is not null
                    ? new MlflowAnswer(HttpStatusCode.OK, [], null)
                    : await SendOnceAsync(Post(path, request, type), 0, end).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

        // Another export was quicker.
        if (found is null && !answer.IsSuccess && ErrorOf(answer)?.ErrorCode == "RESOURCE_ALREADY_EXISTS")
        {
            found = await find(cancellationToken).ConfigureAwait(false);
        }
        return found ?? made(Read(answer, path, answerType));
    }

    /// <summary>Uploads an artifact through the server.</summary>
    /// <param name="path">Where it is, below the root of the artifacts; escaped.</param>
    /// <param name="open">Opens its bytes, for each try.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task UploadAsync(
        string path, Func<CancellationToken, Task<Stream>> open, long length, CancellationToken cancellationToken)
    {
        var answer = await ExecuteAsync(
            async end =>
            {
                var content = await open(end).ConfigureAwait(false);
                await using (content.ConfigureAwait(false))
                {
                    var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_options.Server, ArtifactsApi + path))
                    {
                        Content = new StreamContent(content),
                    };
                    request.Content.Headers.ContentLength = length;
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                    return await SendOnceAsync(request, length, end).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess) throw Refused(answer, "mlflow-artifacts/artifacts");
    }

    private HttpRequestMessage Post<T>(string path, T request, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(_options.Server, Api + path)) { Content = content };
    }

    private Task<MlflowAnswer> SendAsync(Func<HttpRequestMessage> request, long length, CancellationToken cancellationToken) =>
        ExecuteAsync(end => SendOnceAsync(request(), length, end), cancellationToken);

    private async Task<MlflowAnswer> ExecuteAsync(Func<CancellationToken, Task<MlflowAnswer>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                async end => await send(end).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new MlOpsException(
                $"{Name} cannot be reached: {Secrets.Blank(e.Message)}", "Check its address, and the network of this machine.", e);
        }
        catch (TimeoutException e)
        {
            throw new MlOpsException(
                $"{Name} did not answer in time.", $"Check the server. {e.Message}", e);
        }
        catch (Exception e) when (e is not (MlOpsException or OutOfMemoryException) && !cancellationToken.IsCancellationRequested)
        {
            // A client of one's own throws what its handlers throw.
            throw new MlOpsException(
                $"{Name} could not be called: {Secrets.Blank(e.Message)}", "Check the handlers of MlflowOptions.Client.", e);
        }
    }

    private async Task<MlflowAnswer> SendOnceAsync(HttpRequestMessage request, long length, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout + TimeSpan.FromSeconds(length / BytesPerSecond), _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using (request)
        {
            try
            {
                var address = request.RequestUri;
                request.Headers.TryAddWithoutValidation("User-Agent", "MlOps.Sdk");
                var secret = await AuthorizeAsync(request, end.Token).ConfigureAwait(false);
                using var response = await (_options.Client ?? s_shared.Value).SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, end.Token).ConfigureAwait(false);
                if ((response.RequestMessage?.RequestUri is { } asked && asked != address)
                    || (int)response.StatusCode is >= 300 and < 400)
                {
                    throw new MlOpsException(
                        $"{Name} redirects, which is not followed: a login page may be before it.",
                        "Use its final address, and give who asks by MlflowOptions.Authorization.");
                }
                var body = await ReadAsync(response, end.Token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode && secret is not null) body = Blank(body, secret);
                return new MlflowAnswer(response.StatusCode, body, RetryAfterOf(response));
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                // A client of one's own has a limit of its own.
                throw new TimeoutException(
                    limit.IsCancellationRequested
                        ? "MlflowOptions.Timeout says how long it is waited for."
                        : "The client of MlflowOptions.Client ended the request: HttpClient.Timeout says how long it waits, 100 seconds " +
                            "by default.",
                    e);
            }
        }
    }

    // A server that rejects a token may say which.
    private static byte[] Blank(byte[] body, string secret)
    {
        var token = secret[(secret.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return token.Length == 0
            ? body
            : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(token, "…", StringComparison.Ordinal));
    }

    /// <returns>The value of the header; <see langword="null"/> where there is none.</returns>
    private async Task<string?> AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_options.Authorization is null) return null;
        string? value;
        try
        {
            value = await _options.Authorization(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MlOpsException && !cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"The header for the MLflow server cannot be read: {Secrets.Blank(e.Message)}", "Correct MlflowOptions.Authorization.");
        }

        // A message of the client might have the value.
        if (string.IsNullOrEmpty(value)
            || value.Any(c => c is < ' ' or > '~')
            || !request.Headers.TryAddWithoutValidation("Authorization", value))
        {
            throw new MlOpsException(
                "The header 'Authorization' for the MLflow server is empty, or has characters that no header can have.",
                "Correct MlflowOptions.Authorization.");
        }
        return value;
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > LongestAnswer)
                {
                    throw new MlOpsException(
                        FormattableString.Invariant($"{Name} answered more than {LongestAnswer:N0} bytes."),
                        "Check that an MLflow server answers there.");
                }
            }
        }

        return body.ToArray();
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        TimeSpan? after = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        return after is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, TimeSpan.TicksPerMinute * 5)) : null;
    }

    private async Task<T> ReadAsync<T>(Task<MlflowAnswer> answer, string path, JsonTypeInfo<T> type) =>
        Read(await answer.ConfigureAwait(false), path, type);

    private T Read<T>(MlflowAnswer answer, string path, JsonTypeInfo<T> type)
    {
        if (!answer.IsSuccess) throw Refused(answer, path);
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw Strange(path, null);
        }
        catch (JsonException e)
        {
            throw Strange(path, e);
        }
    }

    /// <summary>The error for an answer that lacks what it should have.</summary>
    public MlOpsException Strange(string path, Exception? inner) => new(
        $"{Name} did not answer '{path}' as MLflow does.",
        "Check that the address is that of an MLflow server with the REST API 2.0.",
        inner);

    private static MlflowError? ErrorOf(MlflowAnswer answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, MlflowJson.Default.MlflowError);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private MlOpsException Refused(MlflowAnswer answer, string path)
    {
        var error = ErrorOf(answer);
        var says = error?.Message is { Length: > 0 } message ? $": {PrintableText.ShortenTo(Secrets.Blank(message), 1_000)}" : "";
        var problem = string.Create(CultureInfo.InvariantCulture, $"{Name} answered {(int)answer.Status} to '{path}'{says}");
        var remedy = answer.Status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                "Check MlflowOptions.Authorization, and what its user may do in the experiment.",
            HttpStatusCode.NotFound when error?.ErrorCode is null =>
                "Check the address: it is what stands before /api/2.0. Datasets need MLflow 2.4, and artifacts a server with " +
                    "--serve-artifacts.",
            HttpStatusCode.RequestEntityTooLarge => "A proxy before the server takes less than 1 MB: raise its limit.",
            _ when answer.MayPass => "Check the server; it was asked as often as MlflowOptions.Retries allow. Then export again.",
            _ => "Correct what it says, then export again: what was sent is not sent twice.",
        };

        // What concerns all runs ends the export.
        var isOfAll = answer.MayPass
            || (int)answer.Status >= 500
            || answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            || (answer.Status == HttpStatusCode.NotFound && error?.ErrorCode is null);
        return isOfAll ? new MlOpsException(problem, remedy) : new MlflowRefusalException(problem, remedy);
    }
}
