using System.Text;
using k8s.Models;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>Follows the pods of a version until they are available, and asks them the golden rows. Thread-safe.</summary>
internal sealed class KubernetesRollout(Cluster cluster, KubernetesOptions options, TimeProvider time)
{
    private static readonly string[] Hopeless =
    [
        "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CrashLoopBackOff", "CreateContainerConfigError",
        "CreateContainerError",
    ];

    /// <summary>What is said of a version that could not be rolled out.</summary>
    public static MlOpsException Failed(KubernetesRelease release, string why) => new(
        $"Version {release.Version} could not be rolled out as '{release.Name}' with the image {PrintableText.Shorten(release.Image)}: " +
            $"{why}. It is removed, and what was served before goes on.",
        "Push the image of the version, see kubectl describe pods and the log of the container, then reconcile the targets or run the " +
            "lifecycle again.");

    /// <summary>Whether all pods of a Deployment are those of its newest state, and available.</summary>
    /// <remarks>https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment</remarks>
    public static bool IsComplete(V1Deployment deployment) =>
        deployment.Status is { } status
        && status.ObservedGeneration >= deployment.Metadata.Generation
        && deployment.Spec.Replicas is { } wanted
        && status.Replicas == wanted
        && status.UpdatedReplicas == wanted
        && status.AvailableReplicas == wanted;

    /// <summary>Waits until the pods of a version are available.</summary>
    /// <exception cref="MlOpsException">They will not be.</exception>
    public async Task WaitAsync(KubernetesRelease release, CancellationToken cancellationToken)
    {
        while (true)
        {
            var deployment = await cluster.FindAsync<V1Deployment>("Deployment", release.Name, cancellationToken).ConfigureAwait(false)
                ?? throw Failed(release, "others have deleted it");
            if (IsComplete(deployment)) return;
            if (FindFailure(deployment) is { } failure) throw Failed(release, failure);
            if (await FindHopelessPodAsync(release, cancellationToken).ConfigureAwait(false) is { } hopeless)
            {
                throw Failed(release, hopeless);
            }
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure that the pods behind a Service answer as this process does.</summary>
    /// <exception cref="MlOpsException">They do not.</exception>
    public async Task VerifyAsync(
        string service, KubernetesRelease release, string endpoint, GoldenCall golden, CancellationToken cancellationToken)
    {
        var answer = await cluster.CallAsync(
            service,
            $"models/{Uri.EscapeDataString(endpoint)}/predict",
            Encoding.UTF8.GetString(golden.Rows.Span),
            cancellationToken).ConfigureAwait(false);
        if (golden.FindDifference(Encoding.UTF8.GetBytes(answer)) is not { } difference) return;
        throw new MlOpsException(
            $"The pods of '{service}' do not give the same predictions for version {release.Version} as this process: {difference} " +
                "The version before serves.",
            "Use an image that has this version, and the versions of the library and of its packages with which it was created.");
    }

    // What is said of an earlier generation does not count.
    private static string? FindFailure(V1Deployment deployment) =>
        deployment.Status is { } status && status.ObservedGeneration >= deployment.Metadata.Generation
            ? status.Conditions?
                .Where(condition => condition is { Type: "Progressing", Status: "False" } or { Type: "ReplicaFailure", Status: "True" })
                .Select(condition => $"{condition.Reason}: {Shown(condition.Message)}")
                .FirstOrDefault()
            : null;

    private async Task<string?> FindHopelessPodAsync(KubernetesRelease release, CancellationToken cancellationToken)
    {
        var pods = await cluster.ListAsync<V1PodList>("Pod", $"{KubernetesNames.Release}={release.Name}", cancellationToken)
            .ConfigureAwait(false);
        return pods.Items
            .SelectMany(pod => pod.Status?.ContainerStatuses ?? [])
            .Select(container => container.State?.Waiting)
            .Where(waiting => waiting is not null && Hopeless.Contains(waiting.Reason))
            .Select(waiting => $"{waiting!.Reason}: {Shown(waiting.Message)}")
            .FirstOrDefault();
    }

    private static string Shown(string? message) => PrintableText.ShortenTo((message ?? "no reason").TrimEnd('.'), 300);
}
