using System.Net;
using System.Net.Http.Headers;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The API server, through the connection, the certificates and the credentials of KubernetesClient: objects are applied by the server
/// (server-side apply), so that fields of others stay theirs. Requests are repeated when the server cannot answer now. Thread-safe.
/// </summary>
internal sealed class Cluster(Kubernetes client, KubernetesOptions options, TimeProvider time)
{
    private const string Rights =
        "Allow the account get, list, create, patch and delete for deployments, services and poddisruptionbudgets, with a Gateway also " +
        "for httproutes, list for pods, and create for services/proxy, in the namespace; with KServe those for inferenceservices and " +
        "services/proxy only.";

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(60);

    private readonly ResiliencePipeline<Answer> _pipeline = new ResiliencePipelineBuilder<Answer> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<Answer>
        {
            MaxRetryAttempts = 5,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(15),
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { Status: 0 or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError }),
        })
        .Build();

    /// <summary>Creates an object, or changes it to be as given.</summary>
    /// <exception cref="MlOpsException">The server cannot do it.</exception>
    public Task ApplyAsync(IKubernetesObject value, CancellationToken cancellationToken)
    {
        var name = ((IMetadata<V1ObjectMeta>)value).Metadata.Name;
        return RequireAsync(
            HttpMethod.Patch,
            $"{PathOf(value.Kind)}/{name}?fieldManager={KubernetesNames.FieldManager}&force=true",
            new Content("application/apply-patch+yaml", KubernetesJson.Serialize(value)),
            $"apply {value.Kind} '{name}'",
            cancellationToken);
    }

    /// <summary>Reads an object; <see langword="null"/> where there is none.</summary>
    public async Task<T?> FindAsync<T>(string kind, string name, CancellationToken cancellationToken)
        where T : class
    {
        var what = $"read {kind} '{name}'";
        var answer = await SendAsync(HttpMethod.Get, $"{PathOf(kind)}/{name}", null, what, cancellationToken).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound ? null : Read<T>(Require(answer, what), what);
    }

    /// <summary>Reads an object; <see langword="null"/> where there is none, or the account has no right to read such objects.</summary>
    public async Task<T?> FindReadableAsync<T>(string kind, string name, CancellationToken cancellationToken)
        where T : class
    {
        var what = $"read {kind} '{name}'";
        var answer = await SendAsync(HttpMethod.Get, $"{PathOf(kind)}/{name}", null, what, cancellationToken).ConfigureAwait(false);
        return answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden ? null : Read<T>(Require(answer, what), what);
    }

    /// <summary>Reads the objects that have labels.</summary>
    public async Task<T> ListAsync<T>(string kind, string selector, CancellationToken cancellationToken)
    {
        var what = $"list {kind}s";
        return Read<T>(
            await RequireAsync(
                HttpMethod.Get, $"{PathOf(kind)}?labelSelector={Uri.EscapeDataString(selector)}", null, what, cancellationToken)
                .ConfigureAwait(false),
            what);
    }

    /// <summary>Removes an object, with all that it made, unless it is away.</summary>
    public async Task DeleteAsync(string kind, string name, CancellationToken cancellationToken)
    {
        var what = $"delete {kind} '{name}'";
        var answer = await SendAsync(
            HttpMethod.Delete, $"{PathOf(kind)}/{name}?propagationPolicy=Background", null, what, cancellationToken).ConfigureAwait(false);
        if (answer.Status != HttpStatusCode.NotFound) Require(answer, what);
    }

    /// <summary>Sends JSON to the pods of a Service, through the API server.</summary>
    public Task<string> CallAsync(string service, string path, string json, CancellationToken cancellationToken) => RequireAsync(
        HttpMethod.Post,
        $"{PathOf("Service")}/{service}:http/proxy/{path}",
        new Content("application/json", json),
        $"call Service '{service}'",
        cancellationToken);

    private string PathOf(string kind)
    {
        var (group, plural) = kind switch
        {
            "Deployment" => ("apis/apps/v1", "deployments"),
            "Service" => ("api/v1", "services"),
            "Pod" => ("api/v1", "pods"),
            "PodDisruptionBudget" => ("apis/policy/v1", "poddisruptionbudgets"),
            "HTTPRoute" => ($"apis/{KubernetesRoute.Group}/v1", "httproutes"),
            "InferenceService" => ($"apis/{InferenceService.Version}", "inferenceservices"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The kind is not known."),
        };
        return $"{group}/namespaces/{options.Namespace}/{plural}";
    }

    private async Task<string> RequireAsync(
        HttpMethod method, string path, Content? content, string what, CancellationToken cancellationToken) =>
        Require(await SendAsync(method, path, content, what, cancellationToken).ConfigureAwait(false), what);

    private async Task<Answer> SendAsync(
        HttpMethod method, string path, Content? content, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                async token => await SendOnceAsync(method, path, content, token).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesException or HttpOperationException or InvalidOperationException)
        {
            throw new MlOpsException(
                $"Kubernetes cannot be asked to {what}: there are no credentials.", "Check the kubeconfig or the service account.", e);
        }
    }

    private async Task<Answer> SendOnceAsync(HttpMethod method, string path, Content? content, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(RequestTime);
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path));
        if (content is not null)
        {
            request.Content = new StringContent(content.Text, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(content.Type);
            if (options.ApiKey is { } key && method == HttpMethod.Post) request.Headers.TryAddWithoutValidation("X-Api-Key", key);
        }
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            if (client.Credentials is { } credentials)
            {
                await credentials.ProcessHttpRequestAsync(request, limited.Token).ConfigureAwait(false);
            }
            using var response = await client.HttpClient.SendAsync(request, limited.Token).ConfigureAwait(false);
            return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(limited.Token).ConfigureAwait(false), null);
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer(0, "", e);
        }
    }

    private static string Require(Answer answer, string what) => (int)answer.Status switch
    {
        >= 200 and < 300 => answer.Text,
        0 => throw new MlOpsException(
            $"Kubernetes cannot be asked to {what}: the API server cannot be reached, or did not answer in time.",
            "Check the address in the kubeconfig or of the Kubernetes client, the network and the certificates.",
            answer.Failure),
        401 or 403 => throw new MlOpsException($"Kubernetes does not let the account {what} ({Said(answer)}).", Rights),
        404 => throw new MlOpsException(
            $"Kubernetes cannot {what}: there is no such kind, object or namespace ({Said(answer)}).",
            "Create the namespace; with KubernetesOptions.Gateway, install the Gateway API, and with KubernetesOptions.KServe KServe."),
        _ => throw new MlOpsException(
            $"Kubernetes cannot {what} (HTTP {(int)answer.Status}, {Said(answer)}).",
            "Check KubernetesOptions, the admission rules and the quotas of the namespace."),
    };

    private static string Said(Answer answer)
    {
        try
        {
            return PrintableText.ShortenTo(Secrets.Blank(KubernetesJson.Deserialize<V1Status>(answer.Text).Message ?? "no reason"), 300);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or NullReferenceException)
        {
            return "no reason";
        }
    }

    private static T Read<T>(string json, string what)
    {
        try
        {
            return KubernetesJson.Deserialize<T>(json);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new MlOpsException($"Kubernetes was asked to {what}, and its answer is not what it should be.", "Check the address.", e);
        }
    }

    private sealed record Answer(HttpStatusCode Status, string Text, Exception? Failure);

    private sealed record Content(string Type, string Text);
}
