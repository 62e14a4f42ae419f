using System.Globalization;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
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

    // How long a deployment that was cancelled may take to give the calls back.
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(20);

    private static readonly string[] Hopeless =
    [
        "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CrashLoopBackOff", "CreateContainerConfigError",
        "CreateContainerError",
    ];

    private readonly KubernetesOptions _options;

    [NotInFingerprint]
    private readonly FormatReaders _readers;

    [NotInFingerprint]
    private readonly Cluster _cluster;

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
            (workspace ?? throw new ArgumentNullException(nameof(workspace))).Readers,
            client ?? throw new ArgumentNullException(nameof(client)),
            workspace.Time,
            workspace.Logger)
    {
    }

    internal KubernetesTarget(KubernetesOptions options, FormatReaders readers, Kubernetes client, TimeProvider time, ILogger logger)
    {
        (_options, _readers, _time, _logger) = (options, readers, time, logger);
        _cluster = new Cluster(client, options, time);
        Name = $"kubernetes {options.Namespace}";
        Capabilities = new TargetCapabilities
        {
            Patience = options.ProgressDeadline + options.CanaryPercents.Count * options.CanaryStep + TimeSpan.FromMinutes(5),
        };
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
        var golden = GoldenCall.Of(desired, _readers);
        var release = new KubernetesRelease(_options, desired);
        var served = await FindEntranceAsync(release.Endpoint, mayBeOfOthers: false, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var part in release.Parts()) await _cluster.ApplyAsync(part, cancellationToken).ConfigureAwait(false);
            KubernetesLog.RollingOut(_logger, release.Name, release.Version, release.Image);
            await WaitAsync(release, cancellationToken).ConfigureAwait(false);
            await VerifyAsync(release, desired.Endpoint, golden, cancellationToken).ConfigureAwait(false);
            await EnterAsync(release, served, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e) when (served?.Name != release.Name)
        {
            KubernetesLog.TakingOff(_logger, release.Name, release.Version, e);
            await UndoAsync(release, served, cancellationToken).ConfigureAwait(false);
            throw;
        }

        KubernetesLog.Served(_logger, release.Endpoint, release.Version);
        await CleanAsync(release, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        var nothing = new ObservedDeployment(endpoint, null, null);
        var entrance = await FindEntranceAsync(KubernetesNames.OfEndpoint(endpoint), mayBeOfOthers: true, cancellationToken)
            .ConfigureAwait(false);
        if (entrance is not { IsWhole: true, Version: { } version, ContentHash: { Length: >= 12 } hash }) return nothing;
        var deployment = await _cluster.FindAsync<V1Deployment>("Deployment", entrance.Name, cancellationToken).ConfigureAwait(false);
        var image = _options.Image
            .Replace("{version}", version.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{hash}", hash[..12], StringComparison.Ordinal);
        return deployment is { Status.AvailableReplicas: > 0 }
            && deployment.Status.ObservedGeneration >= deployment.Metadata.Generation
            && deployment.Spec.Template.Metadata?.Annotations is { } said
            && said.TryGetValue(KubernetesNames.ContentHash, out var of) && of == hash
            && deployment.Spec.Template.Spec.Containers is [var container] && container.Image == image
                ? new ObservedDeployment(endpoint, version, hash)
                : nothing;
    }

    private async Task<KubernetesEntrance?> FindEntranceAsync(string name, bool mayBeOfOthers, CancellationToken cancellationToken)
    {
        V1ObjectMeta? metadata;
        string? target;
        var isWhole = true;
        if (_options.Gateway is null)
        {
            var service = await _cluster.FindAsync<V1Service>("Service", name, cancellationToken).ConfigureAwait(false);
            metadata = service?.Metadata;
            target = service?.Spec.Selector is { } selector && selector.TryGetValue(KubernetesNames.Release, out var of) ? of : null;
        }
        else
        {
            // The first backend is the one that served before a step, and after the last one.
            var route = await _cluster.FindAsync<KubernetesRoute>("HTTPRoute", name, cancellationToken).ConfigureAwait(false);
            metadata = route?.Metadata;
            target = route?.Spec.Rules.FirstOrDefault()?.BackendRefs.FirstOrDefault()?.Name;
            isWhole = route?.Spec.Rules is [{ BackendRefs: [_] }];
        }

        if (metadata is null) return null;
        if (metadata.Labels is { } labels
            && labels.TryGetValue("app.kubernetes.io/managed-by", out var manager)
            && manager == KubernetesNames.FieldManager)
        {
            return target is null ? null : new KubernetesEntrance(
                target, metadata.Annotations ?? new Dictionary<string, string>(), isWhole);
        }
        return mayBeOfOthers
            ? null
            : throw new MlOpsException(
                $"'{name}' exists in the namespace '{_options.Namespace}', and was not created by this library.",
                "Use another KubernetesOptions.Namespace, or delete that object.");
    }

    private async Task WaitAsync(KubernetesRelease release, CancellationToken cancellationToken)
    {
        while (true)
        {
            var deployment = await _cluster.FindAsync<V1Deployment>("Deployment", release.Name, cancellationToken).ConfigureAwait(false)
                ?? throw Failed(release, "others have deleted it");
            if (IsComplete(deployment)) return;
            if (FindFailure(deployment) is { } failure) throw Failed(release, failure);
            if (await FindHopelessPodAsync(release, cancellationToken).ConfigureAwait(false) is { } hopeless)
            {
                throw Failed(release, hopeless);
            }
            await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment
    private static bool IsComplete(V1Deployment deployment) =>
        deployment.Status is { } status
        && status.ObservedGeneration >= deployment.Metadata.Generation
        && deployment.Spec.Replicas is { } wanted
        && status.Replicas == wanted
        && status.UpdatedReplicas == wanted
        && status.AvailableReplicas == wanted;

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
        var pods = await _cluster.ListAsync<V1PodList>("Pod", $"{KubernetesNames.Release}={release.Name}", cancellationToken)
            .ConfigureAwait(false);
        return pods.Items
            .SelectMany(pod => pod.Status?.ContainerStatuses ?? [])
            .Select(container => container.State?.Waiting)
            .Where(waiting => waiting is not null && Hopeless.Contains(waiting.Reason))
            .Select(waiting => $"{waiting!.Reason}: {Shown(waiting.Message)}")
            .FirstOrDefault();
    }

    private async Task VerifyAsync(
        KubernetesRelease release, string endpoint, GoldenCall golden, CancellationToken cancellationToken)
    {
        var answer = await _cluster.CallAsync(
            release.Name,
            $"models/{Uri.EscapeDataString(endpoint)}/predict",
            Encoding.UTF8.GetString(golden.Rows.Span),
            cancellationToken).ConfigureAwait(false);
        if (golden.FindDifference(Encoding.UTF8.GetBytes(answer)) is not { } difference) return;
        throw new MlOpsException(
            $"The pods of '{release.Name}' do not give the same predictions for version {release.Version} as this process: {difference} " +
                "The version before serves.",
            "Use an image that has this version, and the versions of the library and of its packages with which it was created.");
    }

    private async Task EnterAsync(KubernetesRelease release, KubernetesEntrance? served, CancellationToken cancellationToken)
    {
        if (_options.Gateway is null)
        {
            await _cluster.ApplyAsync(release.Entrance(), cancellationToken).ConfigureAwait(false);
            return;
        }

        var before = served is not null && served.Name != release.Name ? served : null;
        try
        {
            foreach (var percent in before is null ? [] : _options.CanaryPercents)
            {
                await StepAsync(release, before!, percent, cancellationToken).ConfigureAwait(false);
            }

            await _cluster.ApplyAsync(release.Route([(release.Name, 100)]), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (before is not null)
        {
            await GiveBackAsync(release, before).ConfigureAwait(false);
            throw;
        }
    }

    // The pods stay: the next deployment goes on with them, or removes them.
    private async Task GiveBackAsync(KubernetesRelease release, KubernetesEntrance before)
    {
        using var limited = new CancellationTokenSource(GivingBack);
        try
        {
            await _cluster.ApplyAsync(release.Route([(before.Name, 100)], before.Annotations), limited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlOpsException or OperationCanceledException)
        {
            KubernetesLog.NotCleaned(_logger, release.Endpoint, e);
        }
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
            var selected = await ReadSelectedAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            if (!selected.Contains(release.Name)) await RemoveAsync(release.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            KubernetesLog.NotCleaned(_logger, release.Endpoint, e);
        }
    }

    private async Task StepAsync(KubernetesRelease release, KubernetesEntrance served, int percent, CancellationToken cancellationToken)
    {
        await _cluster.ApplyAsync(
            release.Route([(served.Name, 100 - percent), (release.Name, percent)], served.Annotations), cancellationToken)
            .ConfigureAwait(false);
        KubernetesLog.Stepped(_logger, release.Endpoint, release.Version, percent);
        for (var left = _options.CanaryStep; left > TimeSpan.Zero; left -= _options.PollInterval)
        {
            await Task.Delay(left < _options.PollInterval ? left : _options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
            var deployment = await _cluster.FindAsync<V1Deployment>("Deployment", release.Name, cancellationToken).ConfigureAwait(false);
            if (deployment is not null && IsComplete(deployment)) continue;
            throw Failed(
                release, string.Create(CultureInfo.InvariantCulture, $"its pods did not stay available with {percent} % of the calls"));
        }
    }

    private async Task CleanAsync(KubernetesRelease release, CancellationToken cancellationToken)
    {
        try
        {
            var deployments = await _cluster.ListAsync<V1DeploymentList>(
                "Deployment",
                $"app.kubernetes.io/name={release.Endpoint},app.kubernetes.io/managed-by={KubernetesNames.FieldManager}",
                cancellationToken).ConfigureAwait(false);
            var others = deployments.Items.Select(deployment => deployment.Metadata.Name).Where(name => name != release.Name).ToList();
            if (others.Count == 0) return;
            await Task.Delay(Drain, _time, cancellationToken).ConfigureAwait(false);

            // Another process may have brought another version meanwhile, and one under a name of before.
            var now = await FindEntranceAsync(release.Endpoint, mayBeOfOthers: true, cancellationToken).ConfigureAwait(false);
            if (now is not { IsWhole: true } || now.Name != release.Name) return;
            var selected = await ReadSelectedAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
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

    // Of both kinds: callers may still come by the one that was there before Gateway was set or removed.
    private async Task<HashSet<string>> ReadSelectedAsync(string endpoint, CancellationToken cancellationToken)
    {
        var selected = new HashSet<string>(StringComparer.Ordinal);
        var service = await _cluster.FindAsync<V1Service>("Service", endpoint, cancellationToken).ConfigureAwait(false);
        if (service?.Spec.Selector is { } selector && selector.TryGetValue(KubernetesNames.Release, out var name)) selected.Add(name);

        // An account without rights for routes has made none.
        var route = _options.Gateway is null
            ? await _cluster.FindReadableAsync<KubernetesRoute>("HTTPRoute", endpoint, cancellationToken).ConfigureAwait(false)
            : await _cluster.FindAsync<KubernetesRoute>("HTTPRoute", endpoint, cancellationToken).ConfigureAwait(false);
        selected.UnionWith(route?.Spec.Rules.SelectMany(rule => rule.BackendRefs).Select(backend => backend.Name) ?? []);
        return selected;
    }

    // The Deployment last: by it, what is left of a removal that was ended is found again.
    private async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _cluster.DeleteAsync("PodDisruptionBudget", name, cancellationToken).ConfigureAwait(false);
        await _cluster.DeleteAsync("Service", name, cancellationToken).ConfigureAwait(false);
        await _cluster.DeleteAsync("Deployment", name, cancellationToken).ConfigureAwait(false);
    }

    private static MlOpsException Failed(KubernetesRelease release, string why) => new(
        $"Version {release.Version} could not be rolled out as '{release.Name}' with the image {PrintableText.Shorten(release.Image)}: " +
            $"{why}. It is removed, and what was served before goes on.",
        "Push the image of the version, see kubectl describe pods and the log of the container, then reconcile the targets or run the " +
            "lifecycle again.");

    private static string Shown(string? message) => PrintableText.ShortenTo((message ?? "no reason").TrimEnd('.'), 300);
}
