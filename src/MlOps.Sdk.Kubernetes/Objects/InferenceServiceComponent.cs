using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>The revisions of the pods of an InferenceService, and how calls are divided over them.</summary>
internal sealed class InferenceServiceComponent
{
    [JsonPropertyName("latestCreatedRevision")]
    public string? LatestCreatedRevision { get; set; }

    [JsonPropertyName("latestReadyRevision")]
    public string? LatestReadyRevision { get; set; }

    [JsonPropertyName("traffic")]
    public IList<InferenceServiceTraffic> Traffic { get; set; } = [];
}
