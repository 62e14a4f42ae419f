using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Whether the model of an InferenceService is loaded.</summary>
internal sealed class InferenceServiceModel
{
    [JsonPropertyName("transitionStatus")]
    public string? TransitionStatus { get; set; }

    [JsonPropertyName("lastFailureInfo")]
    public InferenceServiceFailure? LastFailure { get; set; }
}
