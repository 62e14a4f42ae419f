using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Where calls go.</summary>
internal sealed class KubernetesRouteRule
{
    [JsonPropertyName("matches")]
    public IList<KubernetesRouteMatch>? Matches { get; set; }

    [JsonPropertyName("backendRefs")]
    public IList<KubernetesRouteBackend> BackendRefs { get; set; } = [];
}
