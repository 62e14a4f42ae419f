using System.Globalization;

namespace MlOps.Sdk.Deployment;

/// <summary>What manifests of versions are to be.</summary>
public sealed class KubernetesManifestOptions
{
    /// <summary>
    /// The pods and how calls reach them. A manifest has no steps: <see cref="KubernetesOptions.CanaryPercents"/> stays empty.
    /// </summary>
    public KubernetesOptions Workload { get; } = new();

    /// <summary>
    /// Whether the manifest is an InferenceService of KServe (<c>serving.kserve.io/v1beta1</c>) rather than a Deployment and a Service.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool KServe { get; set; }

    /// <summary>
    /// With <see cref="KServe"/>: the share of the calls in percent that the new revision gets, 0 to 100; the rest goes to the one before.
    /// KServe divides calls in its serverless mode only. <see langword="null"/> for all. Default: <see langword="null"/>.
    /// </summary>
    public int? CanaryTrafficPercent { get; set; }

    internal KubernetesManifestOptions Checked()
    {
        if (CanaryTrafficPercent is < 0 or > 100)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"KubernetesManifestOptions.CanaryTrafficPercent is {CanaryTrafficPercent}, and not between 0 and 100."),
                nameof(CanaryTrafficPercent));
        }
        if (CanaryTrafficPercent is not null && !KServe)
        {
            throw new ArgumentException(
                "KubernetesManifestOptions.CanaryTrafficPercent is for KServe: set KServe, or leave it null.",
                nameof(CanaryTrafficPercent));
        }
        if (KServe && Workload.Customize is not null)
        {
            throw new ArgumentException(
                "KubernetesManifestOptions.Workload.Customize is not for KServe, which takes a part of a pod only.", nameof(Workload));
        }
        if (Workload.KServe)
        {
            throw new ArgumentException(
                "KubernetesManifestOptions.KServe says whether a manifest is of KServe: leave Workload.KServe false.", nameof(Workload));
        }
        if (Workload.CanaryPercents.Count > 0 || (KServe && Workload.Gateway is not null))
        {
            throw new ArgumentException(
                "A manifest has no steps, and one of KServe no Gateway: leave Workload.CanaryPercents empty, and with KServe " +
                    "Workload.Gateway null.",
                nameof(Workload));
        }
        return new KubernetesManifestOptions(Workload.Checked()) { KServe = KServe, CanaryTrafficPercent = CanaryTrafficPercent };
    }

    /// <summary>Creates options with the defaults.</summary>
    public KubernetesManifestOptions()
    {
    }

    private KubernetesManifestOptions(KubernetesOptions workload) => Workload = workload;
}
