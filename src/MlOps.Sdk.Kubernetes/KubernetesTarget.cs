using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Serves versions on Kubernetes. A version gets a Deployment and a Service of its own; once its pods are available and have answered the
/// golden rows as this process does, the calls go over to it: at once by the Service that callers know, or in steps by the weights of an
/// HTTPRoute. A version that fails before is removed again, and the one before has served all the time. Thread-safe, and safe against
/// other processes.
/// </summary>
public sealed class KubernetesTarget : IDeploymentTarget
{
    // Proxies and gateways need a moment to hear of the change.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(15);

    private readonly KubernetesOptions _options;

    [NotInFingerprint]
    private readonly GoldenCalls _golden;

    [NotInFingerprint]
    private readonly TargetOwner _owner;

    [NotInFingerprint]
    private readonly Cluster _cluster;

    [NotInFingerprint]
    private readonly KubernetesRollout _rollout;

    [NotInFingerprint]
    private readonly KubernetesEntrances _entrances;

    [NotInFingerprint]
    private readonly KServeService _kserve;

    [NotInFingerprint]
    private readonly TimeProvider _time;

    [NotInFingerprint]
    private readonly ILogger _logger;

    /// <summary>Prepares the target; nothing is sent yet.</summary>
    /// <param name="options">Where and how versions are served.</param>
    /// <param name="workspace">The workspace of the versions.</param>
    /// <param name="client">Talks to the API server, and is not disposed of with the target.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public KubernetesTarget(KubernetesOptions options, Workspace workspace, Kubernetes client)
        : this(
            (options ?? throw new ArgumentNullException(nameof(options))).Checked(),
            (workspace ?? throw new ArgumentNullException(nameof(workspace))).CreateDeploymentServices(PluginServices.None),
            client ?? throw new ArgumentNullException(nameof(client)))
    {
    }

    internal KubernetesTarget(KubernetesOptions options, DeploymentServices services, Kubernetes client)
    {
        (_options, _golden, _owner, _time, _logger) =
            (options, services.Golden, services.Owner, services.Time, services.Logger);
        _cluster = new Cluster(client, options, services.Time);
        _rollout = new KubernetesRollout(_cluster, options, _time);
        _entrances = new KubernetesEntrances(_cluster, options, _owner, _time, _logger);
        _kserve = new KServeService(_cluster, options, _entrances, _rollout, _time, _logger);
        Name = $"kubernetes {options.Namespace}";
        Capabilities = new TargetCapabilities { Patience = options.Patience };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public TargetCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        cancellationToken.ThrowIfCancellationRequested();
        var golden = _golden.Of(desired);
        var release = new KubernetesRelease(_options, desired, _owner.Id);
        if (_options.KServe)
        {
            await _kserve.ApplyAsync(release, desired, golden, cancellationToken).ConfigureAwait(false);
            return;
        }
        var served = await _entrances.FindAsync(release.Endpoint, mayBeOfOthers: false, cancellationToken).ConfigureAwait(false);
        if (served is not null)
        {
            served = await _entrances.RequireOwnAsync(served, release, desired, cancellationToken).ConfigureAwait(false);
        }
        if (await _cluster.FindAsync<V1Deployment>("Deployment", release.Name, cancellationToken).ConfigureAwait(false) is { } there)
        {
            await _entrances.RequireOwnAsync("Deployment", release.Name, there.Metadata.Annotations, desired, cancellationToken)
                .ConfigureAwait(false);
        }
        try
        {
            foreach (var part in release.Parts()) await _cluster.ApplyAsync(part, cancellationToken).ConfigureAwait(false);
            KubernetesLog.RollingOut(_logger, release.Name, release.Version, release.Image);
            await _rollout.WaitAsync(release, cancellationToken).ConfigureAwait(false);
            await _rollout.VerifyAsync(release.Name, release, desired.Endpoint, golden, cancellationToken).ConfigureAwait(false);
            await _entrances.EnterAsync(release, served, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (served is not null && served.Name != release.Name && _options.Gateway is not null)
        {
            await _entrances.GiveBackAsync(release, served).ConfigureAwait(false);
            throw;
        }
        catch (MlOpsException e) when (served?.Name != release.Name)
        {
            KubernetesLog.TakingOff(_logger, release.Name, release.Version, e);
            await UndoAsync(release, served, cancellationToken).ConfigureAwait(false);
            throw;
        }

        KubernetesLog.Served(_logger, release.Endpoint, release.Version);
        await CleanAsync(release, desired.Model.Version.Model, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        var nothing = new ObservedDeployment(endpoint, null, null);
        var name = KubernetesNames.OfEndpoint(endpoint);
        var entrance = _options.KServe
            ? await _kserve.ObserveAsync(name, cancellationToken).ConfigureAwait(false)
            : await _entrances.FindAsync(name, mayBeOfOthers: true, cancellationToken).ConfigureAwait(false);
        if (entrance is not { IsWhole: true, Version: { } version, ContentHash: { Length: >= 12 } hash }
            || _owner.IsOfAnother(entrance.Workspace))
        {
            return nothing;
        }
        if (_options.KServe) return new ObservedDeployment(endpoint, version, hash);
        var deployment = await _cluster.FindAsync<V1Deployment>("Deployment", entrance.Name, cancellationToken).ConfigureAwait(false);
        var image = KubernetesRelease.ImageOf(_options, version, hash);
        return deployment is { Status.AvailableReplicas: > 0 }
            && deployment.Status.ObservedGeneration >= deployment.Metadata.Generation
            && deployment.Spec.Template.Metadata?.Annotations is { } said
            && said.TryGetValue(KubernetesNames.ContentHash, out var of) && of == hash
            && KubernetesRelease.ServerImageOf(deployment.Spec.Template) == image
                ? new ObservedDeployment(endpoint, version, hash)
                : nothing;
    }

    // Pods to which calls go are not removed: the server may have carried out what it did not confirm.
    private async Task UndoAsync(KubernetesRelease release, KubernetesEntrance? served, CancellationToken cancellationToken)
    {
        try
        {
            if (served is not null && _options.Gateway is not null)
            {
                await _cluster.ApplyAsync(release.Route([(served.Name, 100)], served.Annotations), cancellationToken).ConfigureAwait(false);
            }
            var selected = await _entrances.ReadSelectedAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            if (!selected.Contains(release.Name)) await RemoveAsync(release.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            KubernetesLog.NotCleaned(_logger, release.Endpoint, e);
        }
    }

    private async Task CleanAsync(KubernetesRelease release, string model, CancellationToken cancellationToken)
    {
        try
        {
            var deployments = await _cluster.ListAsync<V1DeploymentList>(
                "Deployment",
                $"app.kubernetes.io/name={release.Endpoint},app.kubernetes.io/managed-by={KubernetesNames.FieldManager}",
                cancellationToken).ConfigureAwait(false);
            var others = new List<string>();
            foreach (var metadata in deployments.Items.Select(deployment => deployment.Metadata))
            {
                if (metadata.Name != release.Name
                    && await _entrances.IsOwnAsync(metadata.Annotations, model, cancellationToken).ConfigureAwait(false))
                {
                    others.Add(metadata.Name);
                }
            }

            if (others.Count == 0) return;
            await Task.Delay(Drain, _time, cancellationToken).ConfigureAwait(false);

            // Another process may have brought another version meanwhile, and one under a name of before.
            var now = await _entrances.FindAsync(release.Endpoint, mayBeOfOthers: true, cancellationToken).ConfigureAwait(false);
            if (now is not { IsWhole: true } || now.Name != release.Name) return;
            var selected = await _entrances.ReadSelectedAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            foreach (var name in others.Where(name => !selected.Contains(name)))
            {
                await RemoveAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (MlOpsException e)
        {
            KubernetesLog.NotCleaned(_logger, release.Endpoint, e);
        }
    }

    // The Deployment last: by it, what is left of a removal that was ended is found again.
    private async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _cluster.DeleteAsync("PodDisruptionBudget", name, cancellationToken).ConfigureAwait(false);
        await _cluster.DeleteAsync("Service", name, cancellationToken).ConfigureAwait(false);
        await _cluster.DeleteAsync("Deployment", name, cancellationToken).ConfigureAwait(false);
    }
}
