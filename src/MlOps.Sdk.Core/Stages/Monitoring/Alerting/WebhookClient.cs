using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace MlOps.Sdk.Monitoring;

/// <summary>Posts to a web address: signed, repeated where that helps, and bounded in time and bytes. Thread-safe.</summary>
internal sealed class WebhookClient
{
    public const string IdHeader = "X-MlOps-Id";
    public const string TimestampHeader = "X-MlOps-Timestamp";
    public const string SignatureHeader = "X-MlOps-Signature";

    private const int LongestAnswer = 512;

    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
        }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan });

    private static readonly ResiliencePropertyKey<long> Began = new("began");

    private readonly Uri _url;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<Answer> _pipeline;

    /// <exception cref="ArgumentException">The address is not one that may be called, or an option is out of its range.</exception>
    public WebhookClient(string url, WebhookOptions options, TimeProvider? time = null)
    {
        // The address is a secret by itself, so no message has it.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            throw new ArgumentException("The address of a webhook must be absolute, and begin with https.", nameof(url));
        }
        if (address.Scheme == "http" && !address.IsLoopback)
        {
            throw new ArgumentException(
                $"The webhook at '{address.Host}' is called without encryption: use https. Only this machine may be called with http.",
                nameof(url));
        }
        if (address.UserInfo.Length > 0)
        {
            throw new ArgumentException(
                $"The address of the webhook at '{address.Host}' has a user or a password: use a header of WebhookOptions.Client.",
                nameof(url));
        }
        (_url, _options, _time) = (address, options.Checked(), time ?? TimeProvider.System);
        _pipeline = CreatePipeline(_options, _time);
    }

    public WebhookOptions Options => _options;

    private string Name => $"The webhook at '{_url.Host}'";

    /// <param name="id">What it is about; the same for each repetition.</param>
    /// <param name="body">JSON as UTF-8.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">It could not be delivered in time, or the receiver rejects it.</exception>
    public async Task PostAsync(string id, byte[] body, CancellationToken cancellationToken)
    {
        if (await TryPostAsync(id, body, cancellationToken).ConfigureAwait(false) is { } rejection) throw rejection;
    }

    /// <inheritdoc cref="PostAsync(string, byte[], CancellationToken)"/>
    /// <returns>Why the receiver rejects it, and would reject it again; <see langword="null"/> when it is delivered.</returns>
    /// <exception cref="MlOpsException">It could not be delivered in time.</exception>
    public async Task<MlOpsException?> TryPostAsync(string id, byte[] body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var secrets = await ReadSecretsAsync(cancellationToken).ConfigureAwait(false);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Began, _time.GetTimestamp());
        try
        {
            var answer = await _pipeline.ExecuteAsync(
                async attempt => await PostAsync(id, body, secrets, attempt.CancellationToken).ConfigureAwait(false), context)
                .ConfigureAwait(false);
            return RejectionOf(answer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new MlOpsException(
                $"{Name} cannot be reached: {Secrets.Blank(e.Message)}", "Check its address, and the network of this machine.", e);
        }
        catch (Exception e) when (e is TimeoutRejectedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"{Name} did not answer in time.",
                "Check the receiver; WebhookOptions.RequestTimeout and Timeout say how long it is waited for.",
                e);
        }
        catch (Exception e) when (e is not (MlOpsException or OutOfMemoryException) && !cancellationToken.IsCancellationRequested)
        {
            // A client of one's own throws what its handlers throw: a circuit that is open, a limit of calls.
            throw new MlOpsException(
                $"{Name} could not be called: {Secrets.Blank(e.Message)}", "Check the handlers of WebhookOptions.Client.", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            foreach (var secret in secrets) CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>The signature of a request: HMAC-SHA256 over its id, its time and its body, with full stops between them.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="id">The id as its header has it.</param>
    /// <param name="timestamp">The time as its header has it.</param>
    /// <param name="body">The body.</param>
    public static string Sign(byte[] secret, string id, string timestamp, byte[] body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
        hash.AppendData(body);
        return $"v1={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static ResiliencePipeline<Answer> CreatePipeline(WebhookOptions options, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<Answer> { TimeProvider = time };
        builder.AddTimeout(options.Timeout);
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Answer>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromSeconds(30),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
                {
                    { Exception: TimeoutRejectedException or HttpRequestException or IOException } => true,
                    { Exception: OperationCanceledException } => !arguments.Context.CancellationToken.IsCancellationRequested,

                    // A pause that ends after all the time is over is not begun.
                    { Result: { } answer } => answer.MayPass
                        && !(answer.RetryAfter > options.Timeout - time.GetElapsedTime(
                            arguments.Context.Properties.GetValue(Began, time.GetTimestamp()))),
                    _ => false,
                }),
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
            });
        }
        return builder.AddTimeout(options.RequestTimeout).Build();
    }

    private async Task<byte[][]> ReadSecretsAsync(CancellationToken cancellationToken)
    {
        if (_options.Secret is null) return [];
        string? secret, other = null;
        try
        {
            secret = await _options.Secret(cancellationToken).ConfigureAwait(false);
            if (_options.OtherSecret is not null) other = await _options.OtherSecret(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MlOpsException && !cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"The secret of {Name[..1].ToLowerInvariant()}{Name[1..]} cannot be read: {Secrets.Blank(e.Message)}",
                "Correct WebhookOptions.Secret and OtherSecret.");
        }
        return string.IsNullOrEmpty(secret)
            ? throw new MlOpsException(
                $"The secret of {Name[..1].ToLowerInvariant()}{Name[1..]} is empty, so its requests cannot be signed.",
                "Return the secret from WebhookOptions.Secret.")
            : string.IsNullOrEmpty(other) ? [Encoding.UTF8.GetBytes(secret)]
            : [Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(other)];
    }

    private async Task<Answer> PostAsync(string id, byte[] body, byte[][] secrets, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.TryAddWithoutValidation("User-Agent", "MlOps.Sdk");

        // The same for each repetition, so that a receiver can tell them.
        var escaped = Uri.EscapeDataString(id);
        request.Headers.TryAddWithoutValidation(IdHeader, escaped);
        if (secrets.Length > 0)
        {
            var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Headers.TryAddWithoutValidation(TimestampHeader, timestamp);
            request.Headers.TryAddWithoutValidation(
                SignatureHeader, string.Join(',', secrets.Select(secret => Sign(secret, escaped, timestamp, body))));
        }
        using var response = await (_options.Client ?? Shared.Value).SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var isElsewhere = response.RequestMessage?.RequestUri is { } asked && asked != _url;
        var says = response.IsSuccessStatusCode ? "" : await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        return new Answer(response.StatusCode, RetryAfterOf(response), says, isElsewhere);
    }

    // What a receiver says to an error helps, as far as it is short.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestAnswer];
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var read = await stream.ReadAtLeastAsync(
                buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => null,
    };

    private MlOpsException? RejectionOf(Answer answer)
    {
        if (answer.IsElsewhere || (int)answer.Status is >= 300 and < 400)
        {
            throw new MlOpsException($"{Name} redirects, which is not followed.", "Use its final address.");
        }
        if ((int)answer.Status is >= 200 and < 300) return null;
        var says = answer.Says.Length == 0 ? "" : $": {PrintableText.Shorten(Secrets.Blank(answer.Says))}";
        var problem = string.Create(CultureInfo.InvariantCulture, $"{Name} answered {(int)answer.Status}{says}");
        if (answer.MayPass) throw new MlOpsException(problem, "Check the receiver; it was asked as often as WebhookOptions allow.");
        var rejection = new MlOpsException(problem, "Check the address of the webhook, its format, and its secret.");
        return answer.IsFinal ? rejection : throw rejection;
    }

    private sealed record Answer(HttpStatusCode Status, TimeSpan? RetryAfter, string Says, bool IsElsewhere)
    {
        /// <summary>
        /// Whether the same request would be rejected for what it says, whatever is corrected at the receiver: not so where the secret, the
        /// address or a right is missing.
        /// </summary>
        public bool IsFinal => Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge
            or HttpStatusCode.UnprocessableEntity;

        /// <summary>Whether the same request may succeed soon.</summary>
        public bool MayPass => Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)Status is >= 500 and < 600;
    }
}
