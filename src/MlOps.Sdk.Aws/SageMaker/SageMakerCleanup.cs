using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Removes models, configurations and archives of an endpoint that are neither served nor those of the version before. Only what has the
/// tags of the library is touched, and nothing that is new: another process may be about to serve it. Thread-safe.
/// </summary>
internal sealed class SageMakerCleanup(
    SageMakerResources resources, SageMakerArchives archives, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan New = TimeSpan.FromHours(1);

    /// <summary>
    /// The configuration that was verified last, besides one; <see langword="null"/> for none.
    /// </summary>
    public async Task<string?> FindBeforeAsync(SageMakerRelease release, string configuration, CancellationToken cancellationToken)
    {
        var found = await ListAsync(release, cancellationToken).ConfigureAwait(false);
        return found
            .Where(other => other.Name != configuration
                && SageMakerVerification.IsVerified(other.Tags))
            .OrderByDescending(other => SageMakerTags.FindTime(other.Tags, SageMakerTags.Verified))
            .Select(other => other.Name)
            .FirstOrDefault();
    }

    /// <summary>Removes what is not needed any more. What fails is logged, and tried again after the next deployment.</summary>
    public async Task RunAsync(SageMakerRelease release, string configuration, CancellationToken cancellationToken)
    {
        try
        {
            var before = await FindBeforeAsync(release, configuration, cancellationToken).ConfigureAwait(false);
            var keptModels = new HashSet<string?>(StringComparer.Ordinal);
            foreach (var (name, tags) in await ListAsync(release, cancellationToken).ConfigureAwait(false))
            {
                var described = await resources.FindConfigurationAsync(name, cancellationToken).ConfigureAwait(false);
                if (name != configuration && name != before && !IsNew(described) && !IsNew(tags))
                {
                    if (!await IsServedAsync(release, configuration, cancellationToken).ConfigureAwait(false)) return;
                    await resources.DeleteAsync("DeleteEndpointConfig", "EndpointConfigName", name, cancellationToken)
                        .ConfigureAwait(false);
                    continue;
                }
                foreach (var variant in SageMakerResources.VariantsOf(described)) keptModels.Add(variant?["ModelName"]?.GetValue<string>());
            }

            await RemoveModelsAsync(release, configuration, keptModels, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            SageMakerLog.NotCleaned(logger, release.Endpoint, e);
        }
    }

    // Asked right before each removal: another process may be about to bring back what is old.
    private async Task<bool> IsServedAsync(SageMakerRelease release, string configuration, CancellationToken cancellationToken) =>
        await resources.FindEndpointAsync(release.Endpoint, cancellationToken).ConfigureAwait(false) is { IsInService: true } endpoint
        && endpoint.Configuration == configuration;

    private async Task RemoveModelsAsync(
        SageMakerRelease release, string configuration, HashSet<string?> kept, CancellationToken cancellationToken)
    {
        var (keptArchives, removedArchives) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, arn) in await resources.ListAsync("Models", "Model", release.Endpoint, cancellationToken)
            .ConfigureAwait(false))
        {
            var model = await resources.FindModelAsync(name, cancellationToken).ConfigureAwait(false);
            var archive = model?["PrimaryContainer"]?["ModelDataUrl"]?.GetValue<string>() ?? "";
            var tags = await resources.ReadTagsAsync(arn, cancellationToken).ConfigureAwait(false);
            if (kept.Contains(name) || IsNew(model) || !await IsOwnAsync(release, tags, cancellationToken).ConfigureAwait(false))
            {
                keptArchives.Add(archive);
                continue;
            }
            if (!await IsServedAsync(release, configuration, cancellationToken).ConfigureAwait(false)) return;
            await resources.DeleteAsync("DeleteModel", "ModelName", name, cancellationToken).ConfigureAwait(false);
            removedArchives.Add(archive);
        }

        foreach (var archive in removedArchives.Except(keptArchives))
        {
            if (!await IsServedAsync(release, configuration, cancellationToken).ConfigureAwait(false)) return;
            await archives.DeleteAsync(archive, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<(string Name, Dictionary<string, string> Tags)>> ListAsync(
        SageMakerRelease release, CancellationToken cancellationToken)
    {
        var own = new List<(string, Dictionary<string, string>)>();
        foreach (var (name, arn) in await resources.ListAsync("EndpointConfigs", "EndpointConfig", release.Endpoint, cancellationToken)
            .ConfigureAwait(false))
        {
            var tags = await resources.ReadTagsAsync(arn, cancellationToken).ConfigureAwait(false);
            if (await IsOwnAsync(release, tags, cancellationToken).ConfigureAwait(false)) own.Add((name, tags));
        }

        return own;
    }

    private async Task<bool> IsOwnAsync(SageMakerRelease release, Dictionary<string, string> tags, CancellationToken cancellationToken) =>
        tags.GetValueOrDefault(SageMakerTags.Endpoint) == release.Endpoint
        && await resources.IsOwnAsync(release.Lifecycle, tags, cancellationToken).ConfigureAwait(false);

    // Another process may have marked it a moment ago, and be about to bring it back.
    private bool IsNew(Dictionary<string, string> tags) =>
        SageMakerTags.FindTime(tags, SageMakerTags.Brought) is { } brought && time.GetUtcNow() - brought < New;

    // Times are seconds since 1970.
    private bool IsNew(JsonObject? described) =>
        described?["CreationTime"]?.GetValue<double>() is { } seconds
        && time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddSeconds(seconds) < New;
}
