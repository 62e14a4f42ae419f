using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Why a model could not be loaded.</summary>
internal sealed class InferenceServiceFailure
{
    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }
}
