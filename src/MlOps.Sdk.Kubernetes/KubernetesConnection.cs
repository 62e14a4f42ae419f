using k8s;
using k8s.Exceptions;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>Finds the cluster: by the kubeconfig, or by the service account of the pod.</summary>
internal static class KubernetesConnection
{
    private const string Nowhere = "http://localhost:8080";

    /// <exception cref="MlOpsException">There is neither, or the kubeconfig cannot be read.</exception>
    public static Kubernetes Connect()
    {
        try
        {
            return new Kubernetes(Checked(KubernetesClientConfiguration.BuildDefaultConfig()));
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new MlOpsException(
                $"ToKubernetes cannot read the kubeconfig: {PrintableText.Shorten(e.Message)}",
                "Check the file of KUBECONFIG, or ~/.kube/config, or add a Kubernetes client to the container of services.",
                e);
        }
    }

    /// <summary>KubernetesClient takes an address of this machine where there is neither a kubeconfig nor a service account.</summary>
    /// <exception cref="MlOpsException">There is neither.</exception>
    public static KubernetesClientConfiguration Checked(KubernetesClientConfiguration found) =>
        found is not { CurrentContext: null, AccessToken: null, TokenProvider: null }
        || found.Host?.TrimEnd('/') is not (null or Nowhere)
            ? found
            : throw new MlOpsException(
                "ToKubernetes knows of no cluster: there is no kubeconfig, and this process is in no pod with a service account.",
                "Set KUBECONFIG, or put the kubeconfig to ~/.kube/config, or add a Kubernetes client to the container of services.");
}
