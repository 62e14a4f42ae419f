using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace MlOps.Sdk.Deployment;

/// <summary>An InferenceService of KServe with a container of ours.</summary>
internal sealed class InferenceService : IKubernetesObject<V1ObjectMeta>
{
    public const string Version = "serving.kserve.io/v1beta1";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = Version;

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "InferenceService";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public InferenceServiceSpec Spec { get; set; } = new();

    /// <summary>What KServe writes; nobody else does.</summary>
    [JsonPropertyName("status")]
    public InferenceServiceStatus? Status { get; set; }
}
