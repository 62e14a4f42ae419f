using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What KServe says of an InferenceService.</summary>
internal sealed class InferenceServiceStatus
{
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    [JsonPropertyName("conditions")]
    public IList<InferenceServiceCondition> Conditions { get; set; } = [];

    [JsonPropertyName("components")]
    public Dictionary<string, InferenceServiceComponent> Components { get; set; } = new Dictionary<string, InferenceServiceComponent>();

    [JsonPropertyName("modelStatus")]
    public InferenceServiceModel? Model { get; set; }
}
