using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What callers come through, a Service or the route of a Gateway: finds where it leads, and lets calls go over to a version. Thread-safe.
/// </summary>
internal sealed class KubernetesEntrances(
    Cluster cluster, KubernetesOptions options, TargetOwner owner, TimeProvider time, ILogger logger)
{
    private readonly KubernetesAcceptance _acceptance = new(cluster, options, time);

    /// <summary>How long a deployment that was cancelled may take to give the calls back.</summary>
    public static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(20);

    /// <summary>Finds where calls go; <see langword="null"/> where nothing was made yet.</summary>
    /// <param name="name">The name that callers know.</param>
    /// <param name="mayBeOfOthers">Whether what others than the library made is nothing, rather than an error.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">Others than the library made it.</exception>
    public async Task<KubernetesEntrance?> FindAsync(string name, bool mayBeOfOthers, CancellationToken cancellationToken)
    {
        V1ObjectMeta? metadata;
        string? target;
        var isWhole = true;
        KubernetesRouteBackend? canary = null;
        if (options.Gateway is null)
        {
            var service = await cluster.FindAsync<V1Service>("Service", name, cancellationToken).ConfigureAwait(false);
            metadata = service?.Metadata;
            target = service?.Spec.Selector is { } selector && selector.TryGetValue(KubernetesNames.Release, out var of) ? of : null;
        }
        else
        {
            // The first backend is the one that served before a step, and after the last one.
            var route = await cluster.FindAsync<KubernetesRoute>("HTTPRoute", name, cancellationToken).ConfigureAwait(false);
            metadata = route?.Metadata;
            target = route?.Spec.Rules.FirstOrDefault()?.BackendRefs.FirstOrDefault()?.Name;
            isWhole = route?.Spec.Rules is [{ BackendRefs: [_] }] && KubernetesAcceptance.IsAccepted(route, options.Gateway);
            canary = route?.Spec.Rules is [{ BackendRefs: [_, var second] }] ? second : null;
        }

        if (metadata is null) return null;
        if (IsManaged(metadata))
        {
            return target is null ? null : new KubernetesEntrance(
                target, metadata.Annotations ?? new Dictionary<string, string>(), isWhole, canary);
        }
        return mayBeOfOthers ? null : throw OfOthers(name);
    }

    /// <summary>Whether the library made an object.</summary>
    public static bool IsManaged(V1ObjectMeta metadata) => metadata.Labels is { } labels
        && labels.TryGetValue("app.kubernetes.io/managed-by", out var manager)
        && manager == KubernetesNames.FieldManager;

    /// <summary>What is said of an object that the library did not make.</summary>
    public MlOpsException OfOthers(string name) => new(
        $"'{name}' exists in the namespace '{options.Namespace}', and was not created by this library.",
        "Use another KubernetesOptions.Namespace, or delete that object.");

    /// <summary>Makes sure that what callers know is of this workspace.</summary>
    /// <returns>It, with the mark of this workspace.</returns>
    /// <exception cref="MlOpsException">It is of another workspace.</exception>
    public async Task<KubernetesEntrance> RequireOwnAsync(
        KubernetesEntrance served, KubernetesRelease release, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        var kind = options.Gateway is null ? "Service" : "HTTPRoute";
        await RequireOwnAsync(kind, release.Endpoint, served.Annotations, desired, cancellationToken).ConfigureAwait(false);
        return served with
        {
            Annotations = new Dictionary<string, string>(served.Annotations) { [KubernetesNames.Workspace] = owner.Id },
        };
    }

    /// <summary>Makes sure that an object is of this workspace.</summary>
    /// <exception cref="MlOpsException">It is of another workspace.</exception>
    public async Task RequireOwnAsync(
        string kind, string name, IDictionary<string, string>? annotations, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        var model = desired.Model.Version.Model;
        if (await IsOwnAsync(annotations, model, cancellationToken).ConfigureAwait(false)) return;
        throw owner.Refuse(
            $"The {kind} '{name}' in the namespace '{options.Namespace}'",
            annotations?.TryGetValue(KubernetesNames.Workspace, out var mark) == true ? mark : null,
            "Use another KubernetesOptions.Namespace.",
            $"run: kubectl annotate --overwrite -n {options.Namespace} {kind.ToLowerInvariant()} {name} " +
                $"{KubernetesNames.Workspace}={owner.Id}");
    }

    /// <summary>Whether an object is of this workspace.</summary>
    public Task<bool> IsOwnAsync(IDictionary<string, string>? annotations, string model, CancellationToken cancellationToken)
    {
        return owner.IsOwnAsync(
            Of(KubernetesNames.Workspace), model, Of(KubernetesNames.Version), Of(KubernetesNames.ContentHash), cancellationToken);

        string? Of(string key) => annotations?.TryGetValue(key, out var value) == true ? value : null;
    }

    /// <summary>Lets all calls go over to a version, in steps where it is to be so.</summary>
    /// <exception cref="MlOpsException">Its pods did not stay available, or the Gateway does not take its route.</exception>
    public async Task EnterAsync(KubernetesRelease release, KubernetesEntrance? served, CancellationToken cancellationToken)
    {
        if (options.Gateway is null)
        {
            await cluster.ApplyAsync(release.Entrance(), cancellationToken).ConfigureAwait(false);
            return;
        }

        if (served is not null && served.Name != release.Name)
        {
            foreach (var percent in options.StepsFrom(served.Canary?.Name == release.Name ? served.Canary.Weight : 0))
            {
                await StepAsync(release, served, percent, cancellationToken).ConfigureAwait(false);
            }
        }

        await cluster.ApplyAsync(release.Route([(release.Name, 100)]), cancellationToken).ConfigureAwait(false);
        await _acceptance.WaitAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives the calls back to the version before. The pods stay: the next deployment goes on with them, or removes them. What another
    /// process has changed meanwhile is left alone.
    /// </summary>
    public async Task GiveBackAsync(KubernetesRelease release, KubernetesEntrance before)
    {
        using var limited = new CancellationTokenSource(GivingBack);
        try
        {
            var now = await FindAsync(release.Endpoint, mayBeOfOthers: true, limited.Token).ConfigureAwait(false);
            if (now?.Name != before.Name || now.Canary?.Name != release.Name) return;
            await cluster.ApplyAsync(release.Route([(before.Name, 100)], before.Annotations), limited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlOpsException or OperationCanceledException)
        {
            KubernetesLog.NotCleaned(logger, release.Endpoint, e);
        }
    }

    /// <summary>
    /// The versions to which calls go: by entrances of both kinds, as callers may still come by the one that was there before Gateway was
    /// set or removed.
    /// </summary>
    public async Task<HashSet<string>> ReadSelectedAsync(string endpoint, CancellationToken cancellationToken)
    {
        var selected = new HashSet<string>(StringComparer.Ordinal);
        var service = await cluster.FindAsync<V1Service>("Service", endpoint, cancellationToken).ConfigureAwait(false);
        if (service?.Spec.Selector is { } selector && selector.TryGetValue(KubernetesNames.Release, out var name)) selected.Add(name);

        // An account without rights for routes has made none.
        var route = options.Gateway is null
            ? await cluster.FindReadableAsync<KubernetesRoute>("HTTPRoute", endpoint, cancellationToken).ConfigureAwait(false)
            : await cluster.FindAsync<KubernetesRoute>("HTTPRoute", endpoint, cancellationToken).ConfigureAwait(false);
        selected.UnionWith(route?.Spec.Rules.SelectMany(rule => rule.BackendRefs).Select(backend => backend.Name) ?? []);
        return selected;
    }

    private async Task StepAsync(KubernetesRelease release, KubernetesEntrance served, int percent, CancellationToken cancellationToken)
    {
        await cluster.ApplyAsync(
            release.Route([(served.Name, 100 - percent), (release.Name, percent)], served.Annotations), cancellationToken)
            .ConfigureAwait(false);
        await _acceptance.WaitAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        KubernetesLog.Stepped(logger, release.Endpoint, release.Version, percent);
        var began = time.GetTimestamp();
        while (options.CanaryStep - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < options.PollInterval ? left : options.PollInterval, time, cancellationToken).ConfigureAwait(false);
            var deployment = await cluster.FindAsync<V1Deployment>("Deployment", release.Name, cancellationToken).ConfigureAwait(false);
            if (deployment is not null && KubernetesRollout.IsComplete(deployment)) continue;
            throw KubernetesRollout.Failed(
                release, string.Create(CultureInfo.InvariantCulture, $"its pods did not stay available with {percent} % of the calls"));
        }
    }
}
