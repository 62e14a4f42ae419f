using System.Text.Json.Serialization;
using k8s.Models;

namespace MlOps.Sdk.Deployment;

/// <summary>The pods of an InferenceService.</summary>
internal sealed class InferenceServicePredictor
{
    [JsonPropertyName("canaryTrafficPercent")]
    public int? CanaryTrafficPercent { get; set; }

    [JsonPropertyName("minReplicas")]
    public int MinReplicas { get; set; }

    [JsonPropertyName("automountServiceAccountToken")]
    public bool AutomountServiceAccountToken { get; set; }

    [JsonPropertyName("imagePullSecrets")]
    public IList<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    [JsonPropertyName("containers")]
    public IList<V1Container> Containers { get; set; } = [];

    [JsonPropertyName("volumes")]
    public IList<V1Volume>? Volumes { get; set; }
}
