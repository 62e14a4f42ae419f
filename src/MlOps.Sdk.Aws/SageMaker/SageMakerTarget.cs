using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Execution;
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
    private readonly SageMakerOptions _options;

    [NotInFingerprint]
    private readonly GoldenCalls _golden;

    [NotInFingerprint]
    private readonly TargetOwner _owner;

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

    [NotInFingerprint]
    private readonly SageMakerEndpoints _endpoints;

    [NotInFingerprint]
    private readonly SageMakerVerification _verification;

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
            (workspace ?? throw new ArgumentNullException(nameof(workspace))).CreateDeploymentServices(PluginServices.None),
            s3,
            credentials)
    {
    }

    internal SageMakerTarget(SageMakerOptions options, DeploymentServices services, IAmazonS3? s3, AWSCredentials? credentials)
    {
        var (time, logger) = (services.Time, services.Logger);
        (_options, _golden, _owner, _logger) = (options, services.Golden, services.Owner, logger);
        _api = new SageMakerApi(options, credentials, time);
        _resources = new SageMakerResources(_api, options, _owner, time);
        _archives = new SageMakerArchives(options, services.Releases, services.Signer, s3, time);
        _cleanup = new SageMakerCleanup(_resources, _archives, time, logger);
        _endpoints = new SageMakerEndpoints(_resources, options, time, logger);
        _verification = new SageMakerVerification(_resources, _endpoints, _cleanup, options, time, logger);
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
        if (endpoint is not null) await _resources.RequireOwnAsync(release, endpoint, cancellationToken).ConfigureAwait(false);
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
        var golden = _golden.Of(desired);
        var release = ReleaseOf(desired);
        var endpoint = await _resources.SettleAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
        if (endpoint is not null && !await _resources.RequireOwnAsync(release, endpoint, cancellationToken).ConfigureAwait(false))
        {
            await _resources.MarkAsync(endpoint.Arn, cancellationToken).ConfigureAwait(false);
        }
        var (configuration, request) = release.Configuration(
            await FindPreviousModelAsync(endpoint, release, cancellationToken).ConfigureAwait(false));
        var tags = await _resources.ReadConfigurationTagsAsync(configuration, cancellationToken).ConfigureAwait(false);
        var served = endpoint is { IsInService: true } ? endpoint.Configuration : null;
        var changes = served != configuration;

        // An endpoint serves on when its configuration is deleted, and names it: it is made again, as all that is the library's has tags.
        if (changes || tags.Count == 0)
        {
            _verification.RequireNotRefused(release, configuration, tags);
            await CreateAsync(cancellationToken).ConfigureAwait(false);
        }
        if (changes)
        {
            if (served is not null)
            {
                await _verification.RequireInvocableAsync(release, golden, cancellationToken).ConfigureAwait(false);
            }
            await _verification.MarkBroughtAsync(configuration, tags, cancellationToken).ConfigureAwait(false);
            SageMakerLog.Changing(_logger, release.Endpoint, release.Version, configuration);
            await _endpoints.BringAsync(release, configuration, CreateAsync, cancellationToken).ConfigureAwait(false);
        }
        await _verification.VerifyAsync(release, configuration, golden, tags, changes, served, cancellationToken).ConfigureAwait(false);
        await _cleanup.RunAsync(release, configuration, cancellationToken).ConfigureAwait(false);

        async Task CreateAsync(CancellationToken token)
        {
            await CreateModelAsync(release, desired, token).ConfigureAwait(false);
            await _resources.CreateAsync("CreateEndpointConfig", request, token).ConfigureAwait(false);
        }
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
        if (tags.GetValueOrDefault(SageMakerTags.Endpoint) != name
            || _resources.IsOfAnother(tags)
            || !SageMakerVerification.IsVerified(tags)
            || !int.TryParse(
                tags.GetValueOrDefault(SageMakerTags.Version), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return nothing;
        }
        var observed = new ObservedDeployment(endpoint, version, tags.GetValueOrDefault(SageMakerTags.ContentHash));
        return await StillAnswersAsync(name, observed, cancellationToken).ConfigureAwait(false) ? observed : nothing;
    }

    // That it was verified once says nothing of today: its image may have been replaced under its name. What the workspace does not have
    // cannot be compared, and is not what is to be served either.
    private async Task<bool> StillAnswersAsync(string name, ObservedDeployment observed, CancellationToken cancellationToken)
    {
        var golden = await _golden.FindAsync(observed.Endpoint, observed.Version!.Value, observed.ContentHash, cancellationToken)
            .ConfigureAwait(false);
        if (golden is null) return true;
        var (difference, failure) = await _verification.AskAsync(name, golden, cancellationToken).ConfigureAwait(false);
        if (failure is not null) throw failure;
        if (difference is null) return true;
        SageMakerLog.Differs(_logger, name, observed.Version.Value, difference);
        return false;
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
        return new SageMakerRelease(_options, name, desired, _archives.AddressOf(name, desired), _archives.SignedBy, _owner.Id);
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
}
