using System.Text.Json.Serialization;
using k8s.Models;

namespace MlOps.Sdk.Deployment;

/// <summary>What one Gateway says of an HTTPRoute.</summary>
internal sealed class KubernetesRouteParentStatus
{
    [JsonPropertyName("parentRef")]
    public KubernetesRouteParent ParentRef { get; set; } = new();

    [JsonPropertyName("conditions")]
    public IList<V1Condition> Conditions { get; set; } = [];
}
