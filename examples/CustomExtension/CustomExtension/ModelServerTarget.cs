using System.Net;
using System.Net.Http.Json;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;

namespace CustomExtension;

/// <summary>
/// Deploys to a model server over HTTP: the package to <c>PUT {endpoint}/{version}</c>, then the switch by <c>PUT {endpoint}/live</c>.
/// Thread-safe.
/// </summary>
/// <param name="http">A client whose base address is the server's; it belongs to the caller.</param>
public sealed class ModelServerTarget(HttpClient http) : IDeploymentTarget
{
    public string Name => "model server";

    public TargetCapabilities Capabilities { get; } = new(InProcess: false);

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        // It rejects a package that is damaged, or not the one that the registry blessed. Nothing was changed before.
        desired.RequireBlessed();
        var (version, hash) = (desired.Model.Version.Version, desired.Model.Version.ContentHash);
        await PutAsync(Path(desired.Endpoint, $"{version}"), new ReadOnlyMemoryContent(desired.Package), cancellationToken);

        // The server continues with the old version until it is told of the new one.
        await PutAsync(Path(desired.Endpoint, "live"), JsonContent.Create(new Live(version, hash)), cancellationToken);
    }

    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(HttpMethod.Get, Path(endpoint, "live"), null, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound) return new ObservedDeployment(endpoint, null, null);
        var live = await response.Content.ReadFromJsonAsync<Live>(cancellationToken);
        return new ObservedDeployment(endpoint, live!.Version, live.ContentHash);
    }

    private static string Path(string endpoint, string rest) => $"{Uri.EscapeDataString(endpoint)}/{rest}";

    private async Task PutAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Put, path, content, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new MlOpsException($"The model server cannot be reached: {e.Message}", "Start it, and deploy again.", e);
        }

        if (response.IsSuccessStatusCode || (method == HttpMethod.Get && response.StatusCode == HttpStatusCode.NotFound)) return response;
        using (response)
            throw new MlOpsException($"The model server answered {method} {path} with {(int)response.StatusCode}.", "Read its log.");
    }

    private sealed record Live(int Version, string ContentHash);
}
