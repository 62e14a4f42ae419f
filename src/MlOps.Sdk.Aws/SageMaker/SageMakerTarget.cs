using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Serves versions by Amazon SageMaker: an archive in S3, a model, a configuration and an endpoint. Their names follow from what they are
/// made of, so that a deployment that was killed goes on when it is repeated. A version counts as served once the endpoint has answered
/// the golden rows as this process does; one that answers otherwise is taken off again, and the version before serves. Thread-safe, and
/// safe against other processes.
/// </summary>
public sealed class SageMakerTarget : IDeploymentTarget, IDisposable
{
    private const int MostTries = 10;

    // SageMaker may show an endpoint as it was for a moment after it was told to change.
    private const int UnchangedLooks = 3;

    // A container that has just started, or has too many calls, may reject one.
    private const int MostQuestions = 4;

    private readonly SageMakerOptions _options;

    [NotInFingerprint]
    private readonly FormatReaders _readers;

    [NotInFingerprint]
    private readonly TimeProvider _time;

    [NotInFingerprint]
    private readonly ILogger _logger;

    [NotInFingerprint]
    private readonly SageMakerApi _api;

    [NotInFingerprint]
    private readonly SageMakerResources _resources;

    [NotInFingerprint]
    private readonly SageMakerArchives _archives;

    [NotInFingerprint]
    private readonly SageMakerCleanup _cleanup;

    /// <summary>Prepares the target; nothing is sent yet.</summary>
    /// <param name="options">Where and how versions are served.</param>
    /// <param name="workspace">The workspace of the versions.</param>
    /// <param name="s3">
    /// Uploads the archives, and is not disposed of with the target; <see langword="null"/> for a client of the default chain.
    /// </param>
    /// <param name="credentials">Sign the calls of SageMaker; <see langword="null"/> for those of the default chain.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="MlOpsException">The default chain has no region.</exception>
    public SageMakerTarget(
        SageMakerOptions options, Workspace workspace, IAmazonS3? s3 = null, AWSCredentials? credentials = null)
        : this(
            Checked(options),
            (workspace ?? throw new ArgumentNullException(nameof(workspace))).Readers,
            workspace.Outgoing,
            workspace.Options.Signer,
            s3,
            credentials,
            workspace.Time,
            workspace.Logger)
    {
    }

    internal SageMakerTarget(
        SageMakerOptions options,
        FormatReaders readers,
        OutgoingReleases releases,
        PackageSigner? signer,
        IAmazonS3? s3,
        AWSCredentials? credentials,
        TimeProvider time,
        ILogger logger)
    {
        (_options, _readers, _time, _logger) = (options, readers, time, logger);
        _api = new SageMakerApi(options, credentials, time);
        _resources = new SageMakerResources(_api, options, time);
        _archives = new SageMakerArchives(options, releases, signer, s3, time);
        _cleanup = new SageMakerCleanup(_resources, _archives, time, logger);
        Name = options.NamePrefix.Length == 0 ? "sagemaker" : $"sagemaker {options.NamePrefix}";
        Capabilities = new TargetCapabilities { Patience = options.Patience };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public TargetCapabilities Capabilities { get; }

    /// <summary>What <see cref="ApplyAsync"/> would create, change and remove; SageMaker is only asked.</summary>
    /// <param name="desired">What is to be served.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The package is not the blessed one, or SageMaker cannot be asked.</exception>
    public async Task<SageMakerPlan> PlanAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        desired.RequireBlessed();
        var release = ReleaseOf(desired);
        var endpoint = await _resources.FindEndpointAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        if (endpoint is not null) await _resources.RequireOwnAsync(release.Endpoint, endpoint, cancellationToken).ConfigureAwait(false);
        var (configuration, _) = release.Configuration(
            await FindPreviousModelAsync(endpoint, release, cancellationToken).ConfigureAwait(false));
        var hasModel = await _resources.FindModelAsync(release.ModelName, cancellationToken).ConfigureAwait(false) is not null;
        var isServed = endpoint is { IsInService: true } && endpoint.Configuration == configuration;
        return new SageMakerPlan
        {
            Endpoint = release.Endpoint,
            Action = endpoint switch
            {
                null => SageMakerAction.Create,
                { IsFailed: true } => SageMakerAction.Replace,
                _ => isServed ? SageMakerAction.Verify : SageMakerAction.Update,
            },
            Version = release.Version,
            Served = endpoint?.Configuration,
            Archive = _archives.AddressOf(release.Endpoint, desired),
            ArchiveBytes = desired.Package.Length,
            UploadsArchive = !hasModel,
            Model = release.ModelName,
            Configuration = configuration,
            Image = _options.Image,
            RoleArn = _options.RoleArn,
            InstanceType = _options.InstanceType,
            InstanceCount = _options.InstanceCount,
            Variants = _options.Previous == SageMakerPrevious.Removed || endpoint is null ? 1 : 2,
        };
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        cancellationToken.ThrowIfCancellationRequested();
        var golden = GoldenCall.Of(desired, _readers);
        var release = ReleaseOf(desired);
        var endpoint = await _resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        if (endpoint is not null) await _resources.RequireOwnAsync(release.Endpoint, endpoint, cancellationToken).ConfigureAwait(false);
        var (configuration, request) = release.Configuration(
            await FindPreviousModelAsync(endpoint, release, cancellationToken).ConfigureAwait(false));
        var tags = await _resources.ReadConfigurationTagsAsync(configuration, cancellationToken).ConfigureAwait(false);
        if (endpoint is not { IsInService: true } || endpoint.Configuration != configuration)
        {
            RequireNotRefused(release, configuration, tags);
            await CreateModelAsync(release, desired, cancellationToken).ConfigureAwait(false);
            await _resources.CreateAsync("CreateEndpointConfig", request, cancellationToken).ConfigureAwait(false);
            if (endpoint is { IsInService: true }) await RequireInvocableAsync(release, golden, cancellationToken).ConfigureAwait(false);
            SageMakerLog.Changing(_logger, release.Endpoint, release.Version, configuration);
            await BringAsync(release, configuration, cancellationToken).ConfigureAwait(false);
        }
        await VerifyAsync(release, configuration, golden, tags, cancellationToken).ConfigureAwait(false);
        await _cleanup.RunAsync(release.Endpoint, configuration, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        var nothing = new ObservedDeployment(endpoint, null, null);
        var name = SageMakerNames.OfEndpoint(_options.NamePrefix, endpoint);
        var found = await _resources.FindEndpointAsync(name, cancellationToken).ConfigureAwait(false);
        if (found is null) return nothing;

        // While it changes, it serves what it served, unless it is not clear which of two that is.
        if (!found.IsInService && (found.Status is not "Updating" || found.Pending is null || found.Pending == found.Configuration))
        {
            return nothing;
        }
        var tags = await _resources.ReadConfigurationTagsAsync(found.Configuration, cancellationToken).ConfigureAwait(false);
        return tags.GetValueOrDefault(SageMakerTags.Endpoint) == name
            && IsVerified(tags)
            && int.TryParse(
                tags.GetValueOrDefault(SageMakerTags.Version), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? new ObservedDeployment(endpoint, version, tags.GetValueOrDefault(SageMakerTags.ContentHash))
                : nothing;
    }

    /// <summary>Disposes of the target's own clients.</summary>
    public void Dispose()
    {
        _api.Dispose();
        _archives.Dispose();
    }

    private static SageMakerOptions Checked(SageMakerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Checked();
    }

    private SageMakerRelease ReleaseOf(DesiredDeployment desired)
    {
        var name = SageMakerNames.OfEndpoint(_options.NamePrefix, desired.Endpoint);
        return new SageMakerRelease(_options, name, desired, _archives.AddressOf(name, desired), _archives.SignedBy);
    }

    // The version before is the live one of the configuration, or what that one has beside it when it has the desired version already.
    private async Task<string?> FindPreviousModelAsync(
        SageMakerEndpoint? endpoint, SageMakerRelease release, CancellationToken cancellationToken)
    {
        if (endpoint is not { IsInService: true } || _options.Previous == SageMakerPrevious.Removed) return null;
        var served = await _resources.FindConfigurationAsync(endpoint.Configuration, cancellationToken).ConfigureAwait(false);
        var live = SageMakerResources.ModelOf(served, SageMakerRelease.LiveVariant);
        return live == release.ModelName ? SageMakerResources.ModelOf(served, SageMakerRelease.PreviousVariant) : live;
    }

    private async Task CreateModelAsync(SageMakerRelease release, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        var hasModel = await _resources.FindModelAsync(release.ModelName, cancellationToken).ConfigureAwait(false) is not null;
        await _archives.UploadAsync(release.Endpoint, desired, replaces: !hasModel, cancellationToken).ConfigureAwait(false);
        if (!hasModel) await _resources.CreateAsync("CreateModel", release.Model, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsVerified(Dictionary<string, string> tags) =>
        tags.ContainsKey(SageMakerTags.Verified) && !tags.ContainsKey(SageMakerTags.Refused);

    // What cannot be asked now cannot be verified after the update either. What the version before answers does not matter.
    private async Task RequireInvocableAsync(SageMakerRelease release, GoldenCall golden, CancellationToken cancellationToken)
    {
        try
        {
            await _resources.InvokeAsync(release.Endpoint, golden.Invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (SageMakerFailure e) when (e.IsOfContainer)
        {
            // It may be broken, or its rows may have other columns.
        }
    }

    private static void RequireNotRefused(SageMakerRelease release, string configuration, Dictionary<string, string> tags)
    {
        if (!tags.ContainsKey(SageMakerTags.Refused)) return;
        throw new MlOpsException(
            $"Version {release.Version} was at the endpoint '{release.Endpoint}' already, and was taken off because it did not answer " +
                "the golden rows as this process does.",
            $"Use an image with the versions of the library and of its packages with which the model was created, and set " +
                $"SageMakerOptions.Image to it. To try again as it is, delete the configuration '{configuration}'.");
    }

    /// <exception cref="MlOpsException">The endpoint does not serve the configuration afterwards.</exception>
    private async Task BringAsync(SageMakerRelease release, string configuration, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var endpoint = await _resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            if (endpoint is { IsInService: true } && endpoint.Configuration == configuration) return;
            if (endpoint is { IsInService: false, IsFailed: false }) throw Stuck(release, endpoint);
            try
            {
                await ChangeAsync(release, endpoint, configuration, cancellationToken).ConfigureAwait(false);
            }
            catch (SageMakerFailure e) when ((e.IsBusy || e.Exists || e.IsMissing) && tries < MostTries)
            {
                // Another process was quicker, or SageMaker does not see yet what was created a moment ago.
                await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
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
            await _resources.CreateEndpointAsync(release.Endpoint, configuration, release.TagsOf(), cancellationToken)
                .ConfigureAwait(false);
        }
        else if (endpoint.IsFailed)
        {
            // It serves nothing, and can only be deleted.
            SageMakerLog.DeletingFailed(_logger, release.Endpoint);
            await _resources.DeleteAsync("DeleteEndpoint", "EndpointName", release.Endpoint, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _resources.UpdateEndpointAsync(release.Endpoint, configuration, release.Deployment(), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<SageMakerEndpoint?> FollowAsync(string name, string configuration, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        for (var unchanged = 0; ;)
        {
            var endpoint = await _resources.FindEndpointAsync(name, cancellationToken).ConfigureAwait(false);
            if (endpoint is { IsChanging: true }) hasChanged = true;
            else if (hasChanged || endpoint?.Configuration == configuration || ++unchanged >= UnchangedLooks) return endpoint;
            await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="MlOpsException">The endpoint does not answer as this process does, or cannot be asked.</exception>
    private async Task VerifyAsync(
        SageMakerRelease release,
        string configuration,
        GoldenCall golden,
        Dictionary<string, string> tags,
        CancellationToken cancellationToken)
    {
        var (difference, failure) = tags.ContainsKey(SageMakerTags.Refused)
            ? ("It was refused before.", null)
            : await AskAsync(release, golden, cancellationToken).ConfigureAwait(false);
        if (difference is null)
        {
            await _resources.TagConfigurationAsync(
                configuration, SageMakerTags.Verified, _time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), cancellationToken)
                .ConfigureAwait(false);
            SageMakerLog.Verified(_logger, release.Endpoint, release.Version);
            return;
        }

        // It has answered as it should, so the cause is not the version: callers keep it.
        if (IsVerified(tags)) throw failure ?? NotAsBefore(release, difference);
        var before = await _cleanup.FindBeforeAsync(release.Endpoint, configuration, cancellationToken).ConfigureAwait(false);

        // Without a version to go back to, the next deployment verifies it.
        if (failure is not null && before is null) throw failure;
        await _resources.TagConfigurationAsync(
            configuration, SageMakerTags.Refused, _time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), cancellationToken)
            .ConfigureAwait(false);
        SageMakerLog.TakingOff(_logger, release.Endpoint, release.Version, before ?? "nothing");
        if (before is null)
        {
            await _resources.DeleteAsync("DeleteEndpoint", "EndpointName", release.Endpoint, cancellationToken).ConfigureAwait(false);
            await _resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await BringAsync(release, before, cancellationToken).ConfigureAwait(false);
        }

        if (failure is not null) throw NotVerified(release, failure);
        throw new MlOpsException(
            $"The endpoint '{release.Endpoint}' does not give the same predictions for version {release.Version} as this process: " +
                $"{difference} " +
                (before is null ? "It was deleted: there is no version before." : "The version before serves again."),
            "Use an image with the versions of the library and of its packages with which the model was created.");
    }

    // What is wrong with the answer, and the failure if that is not the model's; both null where the answer is as it should be.
    private async Task<(string? Difference, SageMakerFailure? Failure)> AskAsync(
        SageMakerRelease release, GoldenCall golden, CancellationToken cancellationToken)
    {
        for (var asked = 1; ; asked++)
        {
            try
            {
                var answer = await _resources.InvokeAsync(release.Endpoint, golden.Invocation, cancellationToken).ConfigureAwait(false);
                return (golden.FindDifference(answer), null);
            }
            catch (SageMakerFailure e) when (!e.IsOfContainer || asked == MostQuestions)
            {
                return (e.Problem, e.Code == "ModelError" ? null : e);
            }
            catch (SageMakerFailure)
            {
                await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static MlOpsException NotAsBefore(SageMakerRelease release, string difference) => new(
        $"The endpoint '{release.Endpoint}' serves version {release.Version}, which was verified, and now does not answer the golden " +
            $"rows as this process does: {difference} It is left as it is.",
        "See the log of the container in CloudWatch, /aws/sagemaker/Endpoints/, and whether the image was replaced under its name.");

    private static MlOpsException NotVerified(SageMakerRelease release, SageMakerFailure failure) => new(
        $"Version {release.Version} at the endpoint '{release.Endpoint}' could not be verified, and the version before serves again: " +
            failure.Problem,
        failure.Remedy ?? "",
        failure);

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
