using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Serves versions by an InferenceService of KServe in its serverless mode: a version becomes a revision without calls, answers the golden
/// rows, and gets the calls in steps of <c>canaryTrafficPercent</c>. Thread-safe.
/// </summary>
internal sealed class KServeService(
    Cluster cluster, KubernetesOptions options, KubernetesEntrances entrances, KubernetesRollout rollout, TimeProvider time, ILogger logger)
{
    private const string Kind = "InferenceService";

    /// <summary>Brings the InferenceService of a version to it.</summary>
    /// <exception cref="MlOpsException">It could not be; what was served before goes on.</exception>
    public async Task ApplyAsync(
        KubernetesRelease release, DesiredDeployment desired, GoldenCall golden, CancellationToken cancellationToken)
    {
        var before = await FindAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        if (before is not null) await RequireOwnAsync(before, release, desired, cancellationToken).ConfigureAwait(false);
        var isThere = before is not null && IsOf(before, release);
        var reached = isThere ? before!.Spec.Predictor.CanaryTrafficPercent ?? 100 : 0;
        try
        {
            KubernetesLog.RollingOut(logger, release.Endpoint, release.Version, release.Image);

            // Without a version before, KServe lets all calls go to the first one; what has a percentage was not verified yet all the same.
            await cluster.ApplyAsync(release.InferenceService(reached == 100 ? null : reached), cancellationToken).ConfigureAwait(false);
            var revision = await WaitAsync(release, isThere ? null : ReadyOf(before), isWhole: false, cancellationToken)
                .ConfigureAwait(false);

            // The Service of the pods of a revision alone: https://knative.dev/docs/serving/architecture/
            await rollout.VerifyAsync($"{revision}-private", release, desired.Endpoint, golden, cancellationToken).ConfigureAwait(false);
            foreach (var percent in before is null || reached == 100 ? [] : options.StepsFrom(reached))
            {
                await StepAsync(release, revision, percent, cancellationToken).ConfigureAwait(false);
            }

            await cluster.ApplyAsync(release.InferenceService(null), cancellationToken).ConfigureAwait(false);
            await WaitAsync(release, not: null, isWhole: true, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (before is not null && reached < 100)
        {
            await GiveBackAsync(release, before).ConfigureAwait(false);
            throw;
        }
        catch (MlOpsException e) when (reached < 100)
        {
            KubernetesLog.GivingBack(logger, release.Endpoint, release.Version, e);
            await GiveBackAsync(release, before).ConfigureAwait(false);
            throw;
        }

        KubernetesLog.Served(logger, release.Endpoint, release.Version);
    }

    /// <summary>What the InferenceService of an endpoint says that it serves; <see langword="null"/> for nothing.</summary>
    public async Task<KubernetesEntrance?> ObserveAsync(string name, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync<InferenceService>(Kind, name, cancellationToken).ConfigureAwait(false);
        if (found is null || !KubernetesEntrances.IsManaged(found.Metadata) || !IsReady(found)) return null;
        var entrance = new KubernetesEntrance(
            name, found.Metadata.Annotations ?? new Dictionary<string, string>(), IsWhole(found), Canary: null);
        return found.Spec.Predictor.Containers is [var container]
            && entrance is { Version: { } version, ContentHash: { Length: >= 12 } hash }
            && container.Image == KubernetesRelease.ImageOf(options, version, hash)
                ? entrance
                : null;
    }

    private async Task<InferenceService?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync<InferenceService>(Kind, name, cancellationToken).ConfigureAwait(false);
        return found is null || KubernetesEntrances.IsManaged(found.Metadata) ? found : throw entrances.OfOthers(name);
    }

    private Task RequireOwnAsync(
        InferenceService found, KubernetesRelease release, DesiredDeployment desired, CancellationToken cancellationToken) =>
        entrances.RequireOwnAsync(Kind, release.Endpoint, found.Metadata.Annotations, desired, cancellationToken);

    /// <param name="release">The version.</param>
    /// <param name="not">The revision of before; <see langword="null"/> when the revision of the version may be there already.</param>
    /// <param name="isWhole">Whether all calls have to go there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The revision of the version.</returns>
    private async Task<string> WaitAsync(KubernetesRelease release, string? not, bool isWhole, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var found = await cluster.FindAsync<InferenceService>(Kind, release.Endpoint, cancellationToken).ConfigureAwait(false)
                ?? throw Failed(release, "others have deleted its InferenceService");
            if (IsCurrent(found) && ReadyOf(found) is { } ready && ready != not && ready == PredictorOf(found)?.LatestCreatedRevision
                && (!isWhole || IsWhole(found)))
            {
                return ready;
            }
            if (FindFailure(found) is { } failure) throw Failed(release, failure);
            if (time.GetElapsedTime(began) >= options.ProgressDeadline) throw Failed(release, Lacks(found));
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StepAsync(KubernetesRelease release, string revision, int percent, CancellationToken cancellationToken)
    {
        await cluster.ApplyAsync(release.InferenceService(percent), cancellationToken).ConfigureAwait(false);
        KubernetesLog.Stepped(logger, release.Endpoint, release.Version, percent);
        var began = time.GetTimestamp();
        while (options.CanaryStep - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < options.PollInterval ? left : options.PollInterval, time, cancellationToken).ConfigureAwait(false);
            var found = await cluster.FindAsync<InferenceService>(Kind, release.Endpoint, cancellationToken).ConfigureAwait(false);
            if (found is not null && ReadyOf(found) == revision && ConditionOf(found)?.Status != "False") continue;
            throw Failed(
                release, string.Create(CultureInfo.InvariantCulture, $"its pods did not stay available with {percent} % of the calls"));
        }
    }

    // With 0 percent, KServe lets the version before answer all calls at once. What another process has changed meanwhile is left alone.
    private async Task GiveBackAsync(KubernetesRelease release, InferenceService? before)
    {
        using var limited = new CancellationTokenSource(KubernetesEntrances.GivingBack);
        try
        {
            var now = await cluster.FindAsync<InferenceService>(Kind, release.Endpoint, limited.Token).ConfigureAwait(false);
            if (now is null || !IsOf(now, release)) return;
            if (before is null)
            {
                await cluster.DeleteAsync(Kind, release.Endpoint, limited.Token).ConfigureAwait(false);
                return;
            }
            await cluster.ApplyAsync(release.InferenceService(0), limited.Token).ConfigureAwait(false);

            // What was in a step itself was not what was served.
            if (IsOf(before, release) || before.Spec.Predictor.CanaryTrafficPercent is not null) return;
            await cluster.ApplyAsync(release.Restore(before), limited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlOpsException or OperationCanceledException)
        {
            KubernetesLog.NotCleaned(logger, release.Endpoint, e);
        }
    }

    private static bool IsOf(InferenceService found, KubernetesRelease release) =>
        found.Spec.Predictor.Containers is [var container] && container.Image == release.Image
        && found.Metadata.Annotations is { } said
        && said.TryGetValue(KubernetesNames.ContentHash, out var hash) && hash == release.ContentHash;

    private static bool IsCurrent(InferenceService found) => found.Status?.ObservedGeneration >= found.Metadata.Generation;

    private static bool IsReady(InferenceService found) => IsCurrent(found) && ConditionOf(found)?.Status == "True";

    private static bool IsWhole(InferenceService found) =>
        found.Spec.Predictor.CanaryTrafficPercent is null && ReadyOf(found) is { } ready
        && PredictorOf(found)?.Traffic.Where(part => part.Percent > 0).ToList() is [{ Percent: 100 } part] && part.RevisionName == ready;

    private static InferenceServiceComponent? PredictorOf(InferenceService? found) =>
        found?.Status?.Components.GetValueOrDefault("predictor");

    private static string? ReadyOf(InferenceService? found) => PredictorOf(found)?.LatestReadyRevision;

    private static InferenceServiceCondition? ConditionOf(InferenceService found) =>
        found.Status?.Conditions.FirstOrDefault(condition => condition.Type == "Ready");

    // A condition that is false may be so for a moment; what is said here does not change by itself.
    private static string? FindFailure(InferenceService found) =>
        IsCurrent(found) && found.Status?.Model is { TransitionStatus: "BlockedByFailedLoad" or "InvalidSpec" } model
            ? $"{model.TransitionStatus}: {Shown(model.LastFailure?.Message ?? model.LastFailure?.Reason)}"
            : null;

    private static string Lacks(InferenceService found)
    {
        var condition = found.Status?.Conditions.FirstOrDefault(condition => condition is { Status: "False", Type: not "Ready" })
            ?? ConditionOf(found);
        return condition is { Status: not "True" }
            ? $"{condition.Type} is {condition.Status} after KubernetesOptions.ProgressDeadline, {condition.Reason}: " +
                Shown(condition.Message)
            : "KServe names no ready revision with its calls, as it does in its serverless mode";
    }

    private static MlOpsException Failed(KubernetesRelease release, string why) => new(
        $"Version {release.Version} could not be rolled out by the InferenceService '{release.Endpoint}' with the image " +
            $"{PrintableText.Shorten(release.Image)}: {why}. What was served before goes on.",
        "Push the image of the version, see kubectl describe inferenceservice and the log of the container, then reconcile the targets " +
            "or run the lifecycle again.");

    private static string Shown(string? message) => PrintableText.ShortenTo((message ?? "no reason").TrimEnd('.'), 300);
}
