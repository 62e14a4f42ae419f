namespace MlOps.Sdk.Storage;

/// <summary>References to artifacts, for rooms that keep no table of their own beside them. Thread-safe.</summary>
internal sealed class ArtifactReferences(RelationalStore store)
{
    /// <summary>Keeps artifacts from being collected until <see cref="ReleaseAsync"/>.</summary>
    public Task KeepAsync(
        string ownerKind, string ownerId, IReadOnlyList<ArtifactId> artifacts, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection => ArtifactRefTable.Add(connection, ownerKind, ownerId, artifacts), cancellationToken);

    /// <summary>Deletes an artifact, under the write lock, where nobody refers to it.</summary>
    /// <exception cref="MlOpsException">Somebody does.</exception>
    public Task<bool> DeleteUnneededAsync(ArtifactId id, Func<bool> delete, CancellationToken cancellationToken = default) =>
        store.WriteAsync(
            connection => ArtifactRefTable.FindOwner(connection, id) is var (kind, owner)
                ? throw new MlOpsException(
                    $"The artifact {id} is needed by {kind} '{owner}', and was not deleted.",
                    "Use CollectGarbageAsync, which deletes artifacts that nothing references any more.")
                : delete(),
            cancellationToken);

    /// <summary>Drops every reference of an owner.</summary>
    public Task ReleaseAsync(string ownerKind, string ownerId, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection => ArtifactRefTable.Remove(connection, ownerKind, ownerId), cancellationToken);
}
