using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

/// <summary>Brings endpoints to configurations, and waits until they are there. Thread-safe.</summary>
internal sealed class SageMakerEndpoints(SageMakerResources resources, SageMakerOptions options, TimeProvider time, ILogger logger)
{
    private const int MostTries = 10;

    // SageMaker may show an endpoint as it was for a moment after it was told to change.
    private const int UnchangedLooks = 3;

    /// <summary>Brings the endpoint of a release to a configuration.</summary>
    /// <param name="release">The release.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="create">
    /// Creates the configuration again where another process has removed it; <see langword="null"/> for one that cannot be.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The endpoint does not serve the configuration afterwards.</exception>
    public async Task BringAsync(
        SageMakerRelease release, string configuration, Func<CancellationToken, Task>? create, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var endpoint = await resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            if (endpoint is { IsInService: true } && endpoint.Configuration == configuration) return;
            if (endpoint is { IsInService: false, IsFailed: false }) throw Stuck(release, endpoint);
            try
            {
                await ChangeAsync(release, endpoint, configuration, cancellationToken).ConfigureAwait(false);
            }
            catch (SageMakerFailure e) when ((e.IsBusy || e.Exists || e.IsMissing) && tries < MostTries)
            {
                // Another process was quicker, or SageMaker does not see yet what was created a moment ago.
                await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
                if (e.IsMissing && create is not null) await create(cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (endpoint is { IsFailed: true }) continue;
            var settled = await FollowAsync(release.Endpoint, configuration, cancellationToken).ConfigureAwait(false);
            if (settled is { IsInService: true } && settled.Configuration == configuration) return;
            throw Failed(release, settled);
        }
    }

    private async Task ChangeAsync(
        SageMakerRelease release, SageMakerEndpoint? endpoint, string configuration, CancellationToken cancellationToken)
    {
        if (endpoint is null)
        {
            await resources.CreateEndpointAsync(release.Endpoint, configuration, release.TagsOf(), cancellationToken)
                .ConfigureAwait(false);
        }
        else if (endpoint.IsFailed)
        {
            // It serves nothing, and can only be deleted.
            SageMakerLog.DeletingFailed(logger, release.Endpoint);
            await resources.DeleteAsync("DeleteEndpoint", "EndpointName", release.Endpoint, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await resources.UpdateEndpointAsync(release.Endpoint, configuration, release.Deployment(), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<SageMakerEndpoint?> FollowAsync(string name, string configuration, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        var began = time.GetTimestamp();
        for (var unchanged = 0; ;)
        {
            var endpoint = await resources.FindEndpointAsync(name, cancellationToken).ConfigureAwait(false);
            if (endpoint is { IsChanging: true }) hasChanged = true;
            else if (hasChanged || endpoint?.Configuration == configuration || ++unchanged >= UnchangedLooks) return endpoint;
            if (time.GetElapsedTime(began) >= options.Patience) throw SageMakerResources.StillChanging(name, endpoint);
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static MlOpsException Failed(SageMakerRelease release, SageMakerEndpoint? settled) => new(
        $"SageMaker did not bring the endpoint '{release.Endpoint}' to version {release.Version}: it is " +
            $"{(settled is null ? "gone" : settled.Status)}" +
            $"{(settled?.FailureReason is { } reason ? $", because {SageMakerFailures.Text(reason)}" : "")}." +
            (settled is { IsInService: true } ? " It serves what it served before." : ""),
        "See the log of the container in CloudWatch, /aws/sagemaker/Endpoints/, and check SageMakerOptions.Image and RoleArn; then " +
            "reconcile the targets or run the lifecycle again.");

    private static MlOpsException Stuck(SageMakerRelease release, SageMakerEndpoint endpoint) => new(
        $"The endpoint '{release.Endpoint}' is {endpoint.Status}, and SageMaker does not take an update of it" +
            $"{(endpoint.FailureReason is { } reason ? $": {SageMakerFailures.Text(reason)}" : "")}.",
        "Bring it back to InService as the console of SageMaker says, or delete it; then reconcile the targets.");
}
