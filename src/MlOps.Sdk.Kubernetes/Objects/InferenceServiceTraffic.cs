using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>The share of the calls that a revision gets.</summary>
internal sealed class InferenceServiceTraffic
{
    [JsonPropertyName("revisionName")]
    public string? RevisionName { get; set; }

    [JsonPropertyName("percent")]
    public int? Percent { get; set; }
}
