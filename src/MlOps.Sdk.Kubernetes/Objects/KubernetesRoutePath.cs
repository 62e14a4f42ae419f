using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>With what the path of a call begins, in whole segments.</summary>
internal sealed class KubernetesRoutePath
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "PathPrefix";

    [JsonPropertyName("value")]
    public string Value { get; set; } = "/";
}
