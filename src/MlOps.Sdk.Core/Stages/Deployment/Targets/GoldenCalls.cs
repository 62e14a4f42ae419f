using System.Collections.Concurrent;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The golden calls of versions, for targets that look whether an endpoint still answers as this process does: the last one of each
/// endpoint is kept, so that its package is not read at each look. Thread-safe.
/// </summary>
internal sealed class GoldenCalls(ModelRegistry models, WorkspaceArtifacts artifacts, FormatReaders readers)
{
    private readonly ConcurrentDictionary<string, (ModelVersion Version, GoldenCall Call)> _last = new(StringComparer.Ordinal);

    /// <inheritdoc cref="GoldenCall.Of"/>
    public GoldenCall Of(DesiredDeployment desired)
    {
        var call = GoldenCall.Of(desired, readers);
        _last[desired.Endpoint] = (desired.Model.Version, call);
        return call;
    }

    /// <summary>The call of a version that an endpoint serves; <see langword="null"/> where the workspace does not have it.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="version">The version.</param>
    /// <param name="contentHash">Its content hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">Its package cannot be read, or does not predict as it did.</exception>
    public async Task<GoldenCall?> FindAsync(string endpoint, int version, string? contentHash, CancellationToken cancellationToken)
    {
        if (_last.TryGetValue(endpoint, out var last) && last.Version.Version == version && last.Version.ContentHash == contentHash)
        {
            return last.Call;
        }
        var versions = await models.ListAllAsync(endpoint, cancellationToken).ConfigureAwait(false);
        if (!versions.Any(known => known.Version == version && known.ContentHash == contentHash)) return null;
        var blessed = await models.GetBlessedAsync(endpoint, version, cancellationToken).ConfigureAwait(false);
        var package = await artifacts.ReadAllAsync(blessed.Version.PackageId, cancellationToken).ConfigureAwait(false);
        return Of(new DesiredDeployment(endpoint, blessed, package));
    }
}
