using k8s;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>Models on Kubernetes.</summary>
public static class KubernetesExtensions
{
    /// <summary>
    /// Serves on Kubernetes. The <see cref="Kubernetes"/> of the container of services talks to the API server; without one, a client of
    /// the kubeconfig, or of the service account of the pod.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="configure">Sets the image and the namespace.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static DeploymentBuilder ToKubernetes(this DeploymentBuilder deployment, Action<KubernetesOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var kept = Checked(configure);
        return deployment.ToOutside(
            services => new KubernetesTarget(
                kept,
                services,
                services.Services.GetService<Kubernetes>() ?? KubernetesConnection.Connect()),
            signs: false);
    }

    /// <summary>
    /// Writes the manifests of every version that goes live to <c>{folder}/{name}.yaml</c>, which is only replaced as a whole: for a
    /// repository that a tool such as Argo CD or Flux applies, or for <c>kubectl apply</c>. The image of the version must be there before.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="folder">The folder; it is created when missing.</param>
    /// <param name="configure">Sets the image and the namespace.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static DeploymentBuilder ToKubernetesManifests(
        this DeploymentBuilder deployment, string folder, Action<KubernetesManifestOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new KubernetesManifestOptions();
        configure(options);
        var kept = options.Checked();
        var path = Path.GetFullPath(folder);
        return deployment.ToOutside(services => new KubernetesManifestTarget(kept, path, services), signs: false);
    }

    private static KubernetesOptions Checked(Action<KubernetesOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new KubernetesOptions();
        configure(options);
        return options.Checked();
    }
}
