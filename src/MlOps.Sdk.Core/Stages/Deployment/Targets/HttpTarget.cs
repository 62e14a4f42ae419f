using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Sends releases to a server of models: <c>POST {models}/{endpoint}/releases</c>. The server verifies and proves them before it serves
/// them. Thread-safe.
/// </summary>
internal sealed class HttpTarget : IDeploymentTarget
{
    public const string MediaType = "application/zip";

    // The description of a model names every column, for each of its arms.
    private const int LongestAnswer = 8 << 20;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
        }) { Timeout = Timeout.InfiniteTimeSpan });

    private readonly Uri _models;

    [NotInFingerprint]
    private readonly HttpTargetOptions _options;

    [NotInFingerprint]
    private readonly OutgoingReleases _releases;

    [NotInFingerprint]
    private readonly TimeProvider _time;

    public HttpTarget(Uri models, HttpTargetOptions options, OutgoingReleases releases, TimeProvider time) =>
        (_models, _options, _releases, _time) = (models, options, releases, time);

    public string Name => $"server {_models.Authority}{_models.AbsolutePath}";

    public TargetCapabilities Capabilities { get; } = new();

    /// <summary>The address of models with a slash at the end.</summary>
    /// <exception cref="ArgumentException">Releases must not be sent there.</exception>
    public static Uri Check(Uri models)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (!models.IsAbsoluteUri || models.Scheme is not ("https" or "http"))
        {
            throw new ArgumentException(
                $"The address of the models must be absolute, and begin with https. It is '{models}'.", nameof(models));
        }
        if (models.UserInfo.Length > 0 || models.Query.Length > 0 || models.Fragment.Length > 0)
        {
            throw new ArgumentException(
                $"The address of the models at '{models.Host}' has a user, a query or a fragment: give who asks by " +
                    "HttpTargetOptions.HeaderValue.",
                nameof(models));
        }
        if (models.Scheme == "http" && !models.IsLoopback)
        {
            throw new ArgumentException(
                $"The models at '{models.Host}' are reached without encryption: use https. Only this machine may be reached with http.",
                nameof(models));
        }
        return models.AbsolutePath.EndsWith('/') ? models : new Uri($"{models.AbsoluteUri}/");
    }

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        var file = _releases.Write(desired);
        var (status, answer) = await SendInTurnAsync($"{desired.Endpoint}/releases", file, cancellationToken).ConfigureAwait(false);
        if (status != HttpStatusCode.OK) throw Refused(status, answer);
        var (version, hash) = (desired.Model.Version.Version, desired.Model.Version.ContentHash);
        if (NumberOf(answer, "version") != version || TextOf(answer, "contentHash") != hash)
        {
            throw new MlOpsException(
                $"The {Name} did not say that it received version {version} of '{desired.Endpoint}'.",
                "Check that a server with MapModels of this library answers there.");
        }
        if (NumberOf(answer, "liveVersion") is { } live && live != version)
        {
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {Name} had received this release of version {version} of '{desired.Endpoint}' before, and serves version " +
                        $"{live}: somebody rolled back there."),
                "Decide who is right: promote the version there, or roll back here. The next release is taken up again.");
        }
    }

    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        if (!ModelName.IsValid(endpoint)) return new ObservedDeployment(endpoint, null, null);
        var (status, answer, _) = await SendAsync(HttpMethod.Get, endpoint, null, cancellationToken).ConfigureAwait(false);
        return status switch
        {
            HttpStatusCode.OK => new ObservedDeployment(endpoint, NumberOf(answer, "version"), TextOf(answer, "contentHash"))
            {
                KeyId = TextOf(answer, "keyId"),
            },
            HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable => new ObservedDeployment(endpoint, null, null),
            _ => throw Refused(status, answer),
        };
    }

    // A server takes up one release at a time: whoever comes meanwhile is asked to come again.
    private async Task<(HttpStatusCode Status, JsonElement? Answer)> SendInTurnAsync(
        string path, byte[] file, CancellationToken cancellationToken)
    {
        var (began, pause) = (_time.GetTimestamp(), s_pause);
        while (true)
        {
            var (status, answer, after) = await SendAsync(HttpMethod.Post, path, file, cancellationToken).ConfigureAwait(false);
            var wait = after > pause ? after.Value : pause;
            if (status != HttpStatusCode.TooManyRequests || _time.GetElapsedTime(began) + wait > _options.Timeout) return (status, answer);
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement? Answer, TimeSpan? After)> SendAsync(
        HttpMethod method, string path, byte[]? file, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var address = new Uri(_models, path);
        try
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.TryAddWithoutValidation("User-Agent", "MlOps.Sdk");
            await AuthorizeAsync(request, end.Token).ConfigureAwait(false);
            if (file is not null)
            {
                request.Content = new ByteArrayContent(file);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);

                // Whoever is not let in need not be sent a large release.
                request.Headers.ExpectContinue = true;
            }
            using var response = await (_options.Client ?? Shared.Value).SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, end.Token).ConfigureAwait(false);
            if (response.RequestMessage?.RequestUri is { } asked && asked != address || (int)response.StatusCode is >= 300 and < 400)
            {
                throw new MlOpsException($"The {Name} redirects, which is not followed.", "Use its final address.");
            }
            return (
                response.StatusCode,
                await ReadAsync(response, end.Token).ConfigureAwait(false),
                response.Headers.RetryAfter?.Delta);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new MlOpsException(
                $"The {Name} cannot be reached: {Secrets.Blank(e.Message)}", "Check its address, and that it runs.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"The {Name} did not answer in time.", "Check the server; HttpTargetOptions.Timeout says how long it is waited for.", e);
        }
    }

    private async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_options.HeaderValue is null) return;
        string? value;
        try
        {
            value = await _options.HeaderValue(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MlOpsException && !cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"The header for the {Name} cannot be read: {Secrets.Blank(e.Message)}", "Correct HttpTargetOptions.HeaderValue.");
        }

        // A message of the client might have the value.
        if (string.IsNullOrEmpty(value)
            || value.Any(c => c is < ' ' or > '~')
            || !request.Headers.TryAddWithoutValidation(_options.HeaderName, value))
        {
            throw new MlOpsException(
                $"The header '{_options.HeaderName}' for the {Name} is empty, or has characters that no header can have.",
                "Correct HttpTargetOptions.HeaderValue.");
        }
    }

    private async Task<JsonElement?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            int read;
            while ((read = await stream.ReadAsync(body.GetMemory(16 * 1024), cancellationToken).ConfigureAwait(false)) > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > LongestAnswer)
                {
                    throw new MlOpsException(
                        FormattableString.Invariant($"The {Name} answered more than {LongestAnswer:N0} bytes."),
                        "Check that a server with MapModels of this library answers there.");
                }
            }
            try
            {
                using var document = JsonDocument.Parse(body.WrittenMemory);
                return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private MlOpsException Refused(HttpStatusCode status, JsonElement? answer)
    {
        var says = TextOf(answer, "detail") is { Length: > 0 } detail ? $": {PrintableText.ShortenTo(Secrets.Blank(detail), 1_000)}" : ".";
        return new MlOpsException(
            string.Create(CultureInfo.InvariantCulture, $"The {Name} answered {(int)status}{says}"),
            status switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    "Check HttpTargetOptions.HeaderValue, and the policies AdminPolicy and PredictPolicy of the server.",
                HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed =>
                    "Check the address. The server needs MapModels with ModelServingOptions.AdminPolicy, and must serve this model or all.",
                HttpStatusCode.TooManyRequests =>
                    "The server takes up other releases. Release again when it has; or raise HttpTargetOptions.Timeout.",
                HttpStatusCode.RequestEntityTooLarge => "Raise ModelServingOptions.ReleaseBytes of the server.",
                _ => "What was live there is still live. Correct what it says, or read its log; then release again.",
            });
    }

    private static int? NumberOf(JsonElement? answer, string name) =>
        answer is { } body && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number) ? number : null;

    private static string? TextOf(JsonElement? answer, string name) =>
        answer is { } body && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
