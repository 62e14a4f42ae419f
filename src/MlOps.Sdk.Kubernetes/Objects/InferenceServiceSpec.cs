using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What an InferenceService is made of.</summary>
internal sealed class InferenceServiceSpec
{
    [JsonPropertyName("predictor")]
    public InferenceServicePredictor Predictor { get; set; } = new();
}
