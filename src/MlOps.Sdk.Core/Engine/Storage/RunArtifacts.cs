namespace MlOps.Sdk.Storage;

/// <summary>
/// The artifacts as a run sees them: what it puts is referenced before it is there, so that nobody collects it, however long the stage
/// takes and whatever the clock does. The references end with the stage, which keeps its outputs. Thread-safe.
/// </summary>
internal sealed class RunArtifacts(RelationalStore store, WorkspaceArtifacts artifacts, string runId) : IArtifactStore
{
    /// <summary>How references to artifacts name what a run has put, and no stage has kept yet.</summary>
    public const string OwnerKind = "put";

    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
        artifacts.PutAsync(content, KeepAsync, cancellationToken);

    public async Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        using var stream = new ReadOnlyMemoryStream(content);
        return await PutAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        artifacts.OpenAsync(id, cancellationToken);

    public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        artifacts.ReadAllAsync(id, cancellationToken);

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        artifacts.FindAsync(id, cancellationToken);

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        artifacts.DeleteAsync(id, cancellationToken);

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
        artifacts.ListAsync(cancellationToken);

    private Task KeepAsync(ArtifactId id, CancellationToken cancellationToken) => ArtifactReferences.WriteAsync(
        store, connection => ArtifactRefTable.Add(connection, OwnerKind, runId, [id]), cancellationToken);
}
