using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Who signed the package of the live version, which is to be the signer in use: else the key before could never be dropped.
/// </summary>
internal sealed class LiveSignature(DeploymentServices services, IArtifactStore artifacts, FormatReaders readers)
{
    /// <summary>Who signed, if it is another one than the signer in use.</summary>
    /// <returns>The id of the key, or <c>nobody</c>; <see langword="null"/> where nothing is to be done.</returns>
    public async Task<string?> FindOtherAsync(ModelVersion? live, CancellationToken cancellationToken) =>
        await ReadAsync(live, cancellationToken).ConfigureAwait(false) is var (_, key) ? key ?? "nobody" : null;

    /// <summary>
    /// Signs the package of the live version again, if a key that is trusted had signed it: whatever nobody vouches for must not become
    /// trusted so. A package of a release keeps the signature of the workspace that it came from.
    /// </summary>
    /// <returns>The version as it is now.</returns>
    public async Task<ModelVersion?> RenewAsync(ModelVersion? live, CancellationToken cancellationToken)
    {
        if (readers.Verify is not { } verify
            || await ReadAsync(live, cancellationToken).ConfigureAwait(false) is not var (package, _)
            || PackageSeal.ReadRelease(package) is not null)
        {
            return live;
        }
        try
        {
            verify(package);
        }
        catch (MlOpsException)
        {
            return live;
        }
        return await services.Models.MendAsync(
            live!, PackageSeal.SignAgain(package, services.Signer!), services.Actor, cancellationToken).ConfigureAwait(false);
    }

    // What is lost or damaged is mended elsewhere.
    private async Task<(ReadOnlyMemory<byte> Package, string? Key)?> ReadAsync(ModelVersion? live, CancellationToken cancellationToken)
    {
        if (live is null || services.Signer is not { } signer) return null;
        var (package, loss) = await artifacts.TryReadAllAsync(live.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return null;
        try
        {
            if (PackageFile.ReadContentHash(package) != live.ContentHash) return null;
            var key = PackageSeal.ReadSignature(package).Signature?.KeyId;
            return key == signer.KeyId ? null : (package, key);
        }
        catch (MlOpsException)
        {
            return null;
        }
    }
}
