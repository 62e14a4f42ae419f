namespace MlOps.Sdk.Storage;

/// <summary>References to artifacts, for rooms that keep no table of their own beside them. Thread-safe.</summary>
internal sealed class ArtifactReferences(RelationalStore store)
{
    /// <summary>Keeps artifacts from being collected until <see cref="ReleaseAsync"/>.</summary>
    public Task KeepAsync(
        string ownerKind, string ownerId, IReadOnlyList<ArtifactId> artifacts, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection => ArtifactRefTable.Add(connection, ownerKind, ownerId, artifacts), cancellationToken);

    /// <summary>Drops every reference of an owner.</summary>
    public Task ReleaseAsync(string ownerKind, string ownerId, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection => ArtifactRefTable.Remove(connection, ownerKind, ownerId), cancellationToken);
}
