using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>A Gateway.</summary>
internal sealed class KubernetesRouteParent
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";
}
