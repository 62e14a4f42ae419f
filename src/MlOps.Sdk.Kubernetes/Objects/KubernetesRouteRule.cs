using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Where calls go.</summary>
internal sealed class KubernetesRouteRule
{
    [JsonPropertyName("backendRefs")]
    public IList<KubernetesRouteBackend> BackendRefs { get; set; } = [];
}
