using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>A condition of an InferenceService.</summary>
internal sealed class InferenceServiceCondition
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("status")]
    public string Status { get; set; } = "";

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }
}
