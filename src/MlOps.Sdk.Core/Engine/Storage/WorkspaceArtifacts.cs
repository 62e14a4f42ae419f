namespace MlOps.Sdk.Storage;

/// <summary>
/// The artifacts of a workspace, in whatever store they are kept. What a run, a result or a model version needs is not deleted.
/// Thread-safe.
/// </summary>
/// <param name="store">Where they are kept.</param>
/// <param name="references">Who needs which; <see langword="null"/> where nobody is asked.</param>
internal sealed class WorkspaceArtifacts(IArtifactStore store, ArtifactReferences? references = null) : IArtifactStore
{
    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
        store.PutAsync(content, cancellationToken);

    public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        store.PutAsync(content, cancellationToken);

    /// <summary>Stores what is left of a stream.</summary>
    /// <param name="content">Read to its end, not disposed.</param>
    /// <param name="keep">Writes down who needs the artifact, before it is there for others.</param>
    /// <param name="cancellationToken">Cancels; then nothing is stored.</param>
    public async Task<ArtifactInfo> PutAsync(
        Stream content, Func<ArtifactId, CancellationToken, Task> keep, CancellationToken cancellationToken)
    {
        if (store is FileArtifactStore files) return await files.PutAsync(content, keep, cancellationToken).ConfigureAwait(false);

        var spooled = await SpooledContent.ReadAsync(content, cancellationToken).ConfigureAwait(false);
        await using (spooled.ConfigureAwait(false))
        {
            await keep(spooled.Id, cancellationToken).ConfigureAwait(false);
            return await store.PutAsync(spooled.Content, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) => store.OpenAsync(id, cancellationToken);

    public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        store.ReadAllAsync(id, cancellationToken);

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        store.FindAsync(id, cancellationToken);

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) => references is null
        ? store.DeleteAsync(id, cancellationToken)
        : references.DeleteUnneededAsync(id, end => DeleteAnywayAsync(id, end), cancellationToken);

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) => store.ListAsync(cancellationToken);

    /// <inheritdoc cref="IArtifactStore.ExistsAsync"/>
    public Task<bool> ExistsAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        store.ExistsAsync(id, cancellationToken);

    /// <summary>Removes an artifact, whoever needs it.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> DeleteAnywayAsync(ArtifactId id, CancellationToken cancellationToken) => store.DeleteAsync(id, cancellationToken);
}
