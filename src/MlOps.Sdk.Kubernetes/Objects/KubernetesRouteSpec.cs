using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>From which Gateway calls come, and where they go.</summary>
internal sealed class KubernetesRouteSpec
{
    [JsonPropertyName("parentRefs")]
    public IList<KubernetesRouteParent> ParentRefs { get; set; } = [];

    [JsonPropertyName("hostnames")]
    public IList<string>? Hostnames { get; set; }

    [JsonPropertyName("rules")]
    public IList<KubernetesRouteRule> Rules { get; set; } = [];
}
