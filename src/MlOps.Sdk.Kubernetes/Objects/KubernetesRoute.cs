using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace MlOps.Sdk.Deployment;

/// <summary>An HTTPRoute of the Gateway API, as far as it divides calls by weights.</summary>
internal sealed class KubernetesRoute : IKubernetesObject<V1ObjectMeta>
{
    public const string Group = "gateway.networking.k8s.io";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{Group}/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "HTTPRoute";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public KubernetesRouteSpec Spec { get; set; } = new();

    /// <summary>What Gateways write; nobody else does.</summary>
    [JsonPropertyName("status")]
    public KubernetesRouteStatus? Status { get; set; }
}
