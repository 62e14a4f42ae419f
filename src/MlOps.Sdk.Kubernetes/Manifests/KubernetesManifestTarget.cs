using System.Globalization;
using k8s;
using k8s.Models;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;
using YamlDotNet.Core;

namespace MlOps.Sdk.Deployment;

/// <summary>Writes the manifests of versions to a folder, a file for each endpoint. Thread-safe.</summary>
internal sealed class KubernetesManifestTarget(
    KubernetesManifestOptions options, string folder, DeploymentServices services) : IDeploymentTarget
{
    private static readonly Dictionary<string, Type> Kinds = new()
    {
        [$"{KubernetesRoute.Group}/v1/HTTPRoute"] = typeof(KubernetesRoute),
        [$"{InferenceService.Version}/InferenceService"] = typeof(InferenceService),
    };

    [NotInFingerprint]
    private readonly FormatReaders _readers = services.Process.Readers;

    [NotInFingerprint]
    private readonly TargetOwner _owner = services.Owner;

    public string Name => $"manifests {Path.GetFileName(folder)}";

    public TargetCapabilities Capabilities { get; } = new();

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        InProcessTarget.Prove(desired, _readers).Dispose();
        var release = new KubernetesRelease(options.Workload, desired, _owner.Id, isInPlace: true);
        IReadOnlyList<IKubernetesObject> objects = options.KServe
            ? [release.InferenceService(options.CanaryTrafficPercent)]
            : release.PartsInPlace();
        var path = PathOf(release.Endpoint);
        var written = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        if (_owner.IsOfAnother(written.GetValueOrDefault(KubernetesNames.Workspace)))
        {
            throw _owner.Refuse(
                $"The file '{path}'",
                written[KubernetesNames.Workspace],
                "Write to another folder.",
                $"delete the file, or set its annotations '{KubernetesNames.Workspace}' to {_owner.Id}.");
        }
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(partial, ManifestText.Of(objects), cancellationToken).ConfigureAwait(false);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The manifests of '{desired.Endpoint}' cannot be written: {e.Message} Those of the version before stay.",
                "Check the free space and the permissions of the folder.",
                e) { DataSource = path };
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }

    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        var said = await ReadAsync(PathOf(KubernetesNames.OfEndpoint(endpoint)), cancellationToken).ConfigureAwait(false);
        return !_owner.IsOfAnother(said.GetValueOrDefault(KubernetesNames.Workspace))
            && said.TryGetValue(KubernetesNames.ContentHash, out var hash)
            && int.TryParse(
                said.GetValueOrDefault(KubernetesNames.Version), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? new ObservedDeployment(endpoint, version, hash)
                : new ObservedDeployment(endpoint, null, null);
    }

    // The annotations of what is written last.
    private static async Task<Dictionary<string, string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            return KubernetesYaml.LoadAllFromString(text, Kinds)[^1] is IMetadata<V1ObjectMeta> { Metadata.Annotations: { } said }
                ? new Dictionary<string, string>(said)
                : [];
        }
        catch (Exception e) when (e is IOException or YamlException or ArgumentException or KeyNotFoundException)
        {
            // Nothing is there, or nothing that this target wrote: it is written again.
            return [];
        }
    }

    private string PathOf(string name) => Path.Combine(folder, $"{name}.yaml");
}
