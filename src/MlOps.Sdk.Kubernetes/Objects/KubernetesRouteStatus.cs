using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What Gateways say of an HTTPRoute.</summary>
internal sealed class KubernetesRouteStatus
{
    [JsonPropertyName("parents")]
    public IList<KubernetesRouteParentStatus> Parents { get; set; } = [];
}
