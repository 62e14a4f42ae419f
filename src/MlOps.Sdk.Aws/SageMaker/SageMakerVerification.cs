using System.Globalization;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Asks endpoints the golden rows, marks configurations that answer as this process does, and takes those off that never did. Thread-safe.
/// </summary>
internal sealed class SageMakerVerification(
    SageMakerResources resources,
    SageMakerEndpoints endpoints,
    SageMakerCleanup cleanup,
    SageMakerOptions options,
    TimeProvider time,
    ILogger logger)
{
    // A container that has just started, or has too many calls, may reject one.
    private const int MostQuestions = 4;

    // Each try is an update of many minutes, and the calls may fail meanwhile.
    private static readonly TimeSpan NextTry = TimeSpan.FromMinutes(15);

    /// <summary>Whether a configuration has the mark of one that answers as this process does.</summary>
    public static bool IsVerified(Dictionary<string, string> tags) =>
        tags.ContainsKey(SageMakerTags.Verified)
        && !tags.ContainsKey(SageMakerTags.Refused)
        && !(SageMakerTags.FindTime(tags, SageMakerTags.Verified) < SageMakerTags.FindTime(tags, SageMakerTags.Brought));

    /// <summary>
    /// Makes sure that an endpoint can be asked: what cannot be asked now cannot be verified after the update either. What the version
    /// before answers does not matter.
    /// </summary>
    /// <exception cref="MlOpsException">It cannot.</exception>
    public async Task RequireInvocableAsync(SageMakerRelease release, GoldenCall golden, CancellationToken cancellationToken)
    {
        try
        {
            await resources.InvokeAsync(release.Endpoint, golden.Invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (SageMakerFailure e) when (e.IsOfContainer)
        {
            // It may be broken, or its rows may have other columns.
        }
    }

    /// <summary>Makes sure that a configuration may be tried.</summary>
    /// <exception cref="MlOpsException">
    /// It was tried, and answered otherwise; or it was tried a moment ago, and could not be asked.
    /// </exception>
    public void RequireNotRefused(SageMakerRelease release, string configuration, Dictionary<string, string> tags)
    {
        if (tags.ContainsKey(SageMakerTags.Refused))
        {
            throw new MlOpsException(
                $"Version {release.Version} was at the endpoint '{release.Endpoint}' already, and was taken off because it did not " +
                    "answer the golden rows as this process does.",
                $"Use an image with the versions of the library and of its packages with which the model was created, and set " +
                    $"SageMakerOptions.Image to it. To try again as it is, delete the configuration '{configuration}'.");
        }

        // What was verified since may come back at once.
        if (SageMakerTags.FindTime(tags, SageMakerTags.NotAsked) is not { } at
            || at < SageMakerTags.FindTime(tags, SageMakerTags.Verified)
            || time.GetUtcNow() >= at + NextTry)
        {
            return;
        }
        throw new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Version {release.Version} was at the endpoint '{release.Endpoint}' at {at:u}, and was taken off because it could not " +
                    $"be asked the golden rows. It is tried again after {at + NextTry:u}."),
            $"See the log of the container in CloudWatch, /aws/sagemaker/Endpoints/. To try again now, delete the tag " +
                $"'{SageMakerTags.NotAsked}' of the configuration '{configuration}'.");
    }

    /// <summary>
    /// Marks a configuration as about to be served by new machines. One that never was verified needs no mark: it does not count anyway.
    /// </summary>
    public Task MarkBroughtAsync(string configuration, Dictionary<string, string> tags, CancellationToken cancellationToken) =>
        tags.ContainsKey(SageMakerTags.Verified)
            ? TagAsync(configuration, SageMakerTags.Brought, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Makes sure that an endpoint answers as this process does, and marks its configuration.</summary>
    /// <param name="release">The version.</param>
    /// <param name="configuration">The configuration that the endpoint serves.</param>
    /// <param name="golden">What is asked.</param>
    /// <param name="tags">The tags that the configuration had before.</param>
    /// <param name="hasChanged">Whether this deployment has brought the endpoint to the configuration.</param>
    /// <param name="served">What the endpoint served before this deployment; <see langword="null"/> for nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The endpoint does not answer as this process does, or cannot be asked.</exception>
    public async Task VerifyAsync(
        SageMakerRelease release,
        string configuration,
        GoldenCall golden,
        Dictionary<string, string> tags,
        bool hasChanged,
        string? served,
        CancellationToken cancellationToken)
    {
        var (difference, failure) = tags.ContainsKey(SageMakerTags.Refused)
            ? ("It was refused before.", null)
            : await AskAsync(release.Endpoint, golden, cancellationToken).ConfigureAwait(false);
        if (difference is null)
        {
            await TagAsync(configuration, SageMakerTags.Verified, cancellationToken).ConfigureAwait(false);
            SageMakerLog.Verified(logger, release.Endpoint, release.Version);
            return;
        }

        // Its machines have answered as they should, so the cause is not the version: callers keep it. New machines never did.
        if (!hasChanged && IsVerified(tags)) throw failure ?? NotAsBefore(release, difference);
        var before = await FindBeforeAsync(release, configuration, hasChanged ? served : null, cancellationToken).ConfigureAwait(false);

        // Without a version to go back to, the next deployment verifies it.
        if (failure is not null && before is null) throw failure;

        // That it could not be asked says nothing of the version.
        await TagAsync(configuration, failure is null ? SageMakerTags.Refused : SageMakerTags.NotAsked, cancellationToken)
            .ConfigureAwait(false);
        SageMakerLog.TakingOff(logger, release.Endpoint, release.Version, before ?? "nothing");
        if (before is null)
        {
            await resources.DeleteAsync("DeleteEndpoint", "EndpointName", release.Endpoint, cancellationToken).ConfigureAwait(false);
            await resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await endpoints.BringAsync(release, before, create: null, cancellationToken).ConfigureAwait(false);
        }

        if (failure is not null) throw NotVerified(release, failure);
        throw new MlOpsException(
            $"The endpoint '{release.Endpoint}' does not give the same predictions for version {release.Version} as this process: " +
                $"{difference} " +
                (before is null ? "It was deleted: there is no version before." : "The version before serves again."),
            "Use an image with the versions of the library and of its packages with which the model was created.");
    }

    /// <summary>Asks an endpoint the golden rows.</summary>
    /// <returns>
    /// What is wrong with the answer, and the failure if that is not the model's; both <see langword="null"/> where the answer is as it
    /// should be.
    /// </returns>
    public async Task<(string? Difference, SageMakerFailure? Failure)> AskAsync(
        string endpoint, GoldenCall golden, CancellationToken cancellationToken)
    {
        for (var asked = 1; ; asked++)
        {
            try
            {
                var answer = await resources.InvokeAsync(endpoint, golden.Invocation, cancellationToken).ConfigureAwait(false);
                return (golden.FindDifference(answer), null);
            }
            catch (SageMakerFailure e) when (!e.IsOfContainer || asked == MostQuestions)
            {
                return (e.Problem, e.IsOfModel ? null : e);
            }
            catch (SageMakerFailure)
            {
                await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // What served when the deployment began serves again, whatever was verified when.
    private async Task<string?> FindBeforeAsync(
        SageMakerRelease release, string configuration, string? served, CancellationToken cancellationToken)
    {
        if (served is not null && served != configuration
            && await resources.ReadConfigurationTagsAsync(served, cancellationToken).ConfigureAwait(false) is { Count: > 0 } tags
            && !tags.ContainsKey(SageMakerTags.Refused))
        {
            return served;
        }
        return await cleanup.FindBeforeAsync(release, configuration, cancellationToken).ConfigureAwait(false);
    }

    private Task TagAsync(string configuration, string key, CancellationToken cancellationToken) =>
        resources.TagConfigurationAsync(configuration, key, SageMakerTags.TimeOf(time.GetUtcNow()), cancellationToken);

    private static MlOpsException NotAsBefore(SageMakerRelease release, string difference) => new(
        $"The endpoint '{release.Endpoint}' serves version {release.Version}, which was verified, and now does not answer the golden " +
            $"rows as this process does: {difference} It is left as it is.",
        "See the log of the container in CloudWatch, /aws/sagemaker/Endpoints/, and whether the image was replaced under its name.");

    private static MlOpsException NotVerified(SageMakerRelease release, SageMakerFailure failure) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"Version {release.Version} at the endpoint '{release.Endpoint}' could not be asked the golden rows, so that the version " +
                $"before serves again. It is tried again after {NextTry.TotalMinutes:0} minutes. {failure.Problem}"),
        failure.Remedy ?? "",
        failure);
}
