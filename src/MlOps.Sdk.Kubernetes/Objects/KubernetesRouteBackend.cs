using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>A Service with its share of the calls.</summary>
internal sealed class KubernetesRouteBackend
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("port")]
    public int Port { get; set; }

    [JsonPropertyName("weight")]
    public int Weight { get; set; }
}
