using System.Data.Common;

namespace MlOps.Sdk.Storage;

/// <summary>References to artifacts, for rooms that keep no table of their own beside them. Thread-safe.</summary>
internal sealed class ArtifactReferences(RelationalStore store)
{
    // What hangs longer is tried again by the next collection.
    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(10);

    /// <summary>Keeps artifacts from being collected until <see cref="ReleaseAsync"/>.</summary>
    public Task KeepAsync(
        string ownerKind, string ownerId, IReadOnlyList<ArtifactId> artifacts, CancellationToken cancellationToken = default) =>
        WriteAsync(store, connection => ArtifactRefTable.Add(connection, ownerKind, ownerId, artifacts), cancellationToken);

    /// <summary>Writes references; where an artifact is being deleted, once it is gone. It must be put afterwards.</summary>
    public static async Task WriteAsync(RelationalStore store, Action<DbConnection> write, CancellationToken cancellationToken)
    {
        var wait = new DeletionWait(store);
        while (true)
        {
            try
            {
                await store.WriteAsync(connection => write(connection), cancellationToken).ConfigureAwait(false);
                wait.End();
                return;
            }
            catch (ArtifactDeletingException e)
            {
                await wait.WaitAsync(e.Artifact, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Deletes an artifact where nobody refers to it.</summary>
    /// <exception cref="MlOpsException">Somebody does.</exception>
    public async Task<bool> DeleteUnneededAsync(
        ArtifactId id, Func<CancellationToken, Task<bool>> delete, CancellationToken cancellationToken = default)
    {
        if (await TryDeleteAsync(id, delete, cancellationToken).ConfigureAwait(false) is { } deleted) return deleted;
        var (owner, isHeld) = await store.ReadAsync(
            connection => (ArtifactRefTable.FindOwner(connection, id), GarbageHold.IsHeld(connection, store.Clock)),
            cancellationToken).ConfigureAwait(false);
        if (owner is null && isHeld)
        {
            throw new MlOpsException(
                $"The artifact {id} was not deleted, because a backup or an export of the workspace is in progress.",
                "Delete it after the backup or the export.");
        }
        return owner is var (kind, name)
            ? throw new MlOpsException(
                $"The artifact {id} is needed by {kind} '{name}', and was not deleted.",
                "Use CollectGarbageAsync, which deletes artifacts that nothing references any more.")
            : throw new ArtifactDeletingException(id);
    }

    /// <summary>
    /// Deletes an artifact where nobody refers to it. The store is called outside of the write lock: meanwhile, no reference can appear.
    /// </summary>
    /// <param name="id">The artifact.</param>
    /// <param name="delete">Deletes it, and says whether it was there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What <paramref name="delete"/> says; <see langword="null"/> where somebody refers to it, or deletes it already.</returns>
    public async Task<bool?> TryDeleteAsync(
        ArtifactId id, Func<CancellationToken, Task<bool>> delete, CancellationToken cancellationToken)
    {
        if (await DeletionMark.TryBeginAsync(store, id, cancellationToken).ConfigureAwait(false) is not { } mark) return null;
        await using (mark.ConfigureAwait(false))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, mark.Lost);
            end.CancelAfter(LongestCall);
            try
            {
                return await delete(end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new MlOpsException(
                    $"The artifact {id} could not be deleted in time.",
                    "Check the store of the artifacts; the next collection tries again.",
                    e);
            }
        }
    }

    /// <summary>Drops every reference of an owner.</summary>
    public Task ReleaseAsync(string ownerKind, string ownerId, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection => ArtifactRefTable.Remove(connection, ownerKind, ownerId), cancellationToken);
}
