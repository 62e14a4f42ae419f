using System.Data.Common;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Writes what refers to a package. Nothing that is referred to is collected, and nothing is referred to while it is deleted: once there is
/// a passing reference, whether the package is there does not change, and the store of the artifacts is asked without the write lock.
/// Thread-safe.
/// </summary>
/// <param name="store">Where is written.</param>
/// <param name="artifacts">Where packages are; <see langword="null"/> where none is looked up.</param>
internal sealed class PackageWrites(RelationalStore store, WorkspaceArtifacts? artifacts)
{
    private readonly ArtifactReferences _references = new(store);

    /// <param name="id">The package that will be referred to.</param>
    /// <param name="package">Its bytes, which are put where they are missing; may be empty.</param>
    /// <param name="work">Writes, and requires the package of the lookup.</param>
    /// <param name="cancellationToken">Cancels until the work begins.</param>
    public async Task<T> WriteAsync<T>(
        ArtifactId id, ReadOnlyMemory<byte> package, Func<DbConnection, PackageLookup, T> work, CancellationToken cancellationToken)
    {
        if (artifacts is null)
        {
            return await store.WriteAsync(
                connection => work(connection, new PackageLookup(null, true)), cancellationToken).ConfigureAwait(false);
        }
        while (true)
        {
            var owner = PassingReference.Next(store.Clock);
            await _references.KeepAsync(RunArtifacts.OwnerKind, owner, [id], cancellationToken).ConfigureAwait(false);
            try
            {
                return await WriteAsync(artifacts, id, package, Work, cancellationToken).ConfigureAwait(false);
            }
            catch (OtherPackageException e)
            {
                await ReleaseAsync(owner).ConfigureAwait(false);
                id = e.Package;
            }
            catch
            {
                await ReleaseAsync(owner).ConfigureAwait(false);
                throw;
            }

            T Work(DbConnection connection, PackageLookup lookup)
            {
                var result = work(connection, lookup);
                ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, owner);
                return result;
            }
        }
    }

    private async Task<T> WriteAsync<T>(
        WorkspaceArtifacts packages,
        ArtifactId id,
        ReadOnlyMemory<byte> package,
        Func<DbConnection, PackageLookup, T> work,
        CancellationToken cancellationToken)
    {
        var isStored = await packages.ExistsAsync(id, cancellationToken).ConfigureAwait(false);
        try
        {
            return await store.WriteAsync(
                connection => work(connection, new PackageLookup(id, isStored)), cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e) when (!isStored && e is not OtherPackageException && ArtifactId.Of(package.Span) == id)
        {
            await packages.PutAsync(package, cancellationToken).ConfigureAwait(false);
            return await store.WriteAsync(
                connection => work(connection, new PackageLookup(id, true)), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task ReleaseAsync(string owner) => _references.ReleaseAsync(RunArtifacts.OwnerKind, owner, CancellationToken.None);
}
