using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Which calls a rule is for.</summary>
internal sealed class KubernetesRouteMatch
{
    [JsonPropertyName("path")]
    public KubernetesRoutePath Path { get; set; } = new();
}
