using System.Text.Json;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>An API server, a registry of images, and targets that use them.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly k8s.Kubernetes _client;

    public Bench() => _client = new k8s.Kubernetes(
        new KubernetesClientConfiguration { Host = Server.Address.OriginalString, AccessToken = FakeApiServer.Token });

    public SwiftTime Time { get; } = new();

    public FakeApiServer Server { get; } = new();

    /// <summary>What containers add to each score.</summary>
    public double Error { get; set; }

    /// <summary>The key that containers want.</summary>
    public string? Key { get; set; }

    public KubernetesTarget Create(Workspace workspace, Action<KubernetesOptions>? configure = null) =>
        new(Options(configure), ServicesOf(workspace) with { Time = Time, Logger = NullLogger.Instance }, _client);

    public static DeploymentServices ServicesOf(Workspace workspace) => workspace.CreateDeploymentServices(PluginServices.None);

    public static KubernetesOptions Options(Action<KubernetesOptions>? configure = null)
    {
        var options = new KubernetesOptions { Image = "registry.example.com/churn:{version}", Namespace = "models" };
        configure?.Invoke(options);
        return options.Checked();
    }

    /// <summary>Pushes the image of a version.</summary>
    public void Push(Workspace workspace, DesiredDeployment desired)
    {
        var version = desired.Model.Version.Version;
        Server.Images[$"registry.example.com/churn:{version}"] = (path, key, body) =>
        {
            if (key != Key) return (401, []);
            if (path != $"models/{desired.Endpoint}/predict") return (404, []);
            using var rows = JsonDocument.Parse(body);
            return (200, PackageAnswers.Write(
                desired.Package, workspace.Readers, rows.RootElement, Error, json => json.WriteNumber("version", version)));
        };
    }

    /// <summary>The Deployment to which the Service that callers know leads.</summary>
    public string? ServedBy(string endpoint) =>
        Server.Objects.GetValueOrDefault($"/api/v1/namespaces/models/services/{endpoint}")
            ?["spec"]!["selector"]!["mlops.sdk/release"]!.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _client.Dispose();
    }
}
