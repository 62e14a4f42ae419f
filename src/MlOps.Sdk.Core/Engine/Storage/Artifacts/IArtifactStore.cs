namespace MlOps.Sdk.Storage;

/// <summary>
/// Keeps bytes under their hash: the same bytes are kept once, and what is read is what was put.
/// Implementations are thread-safe, and safe against other processes on the same store.
/// </summary>
public interface IArtifactStore
{
    /// <summary>Stores what is left of a stream. When the task has ended, the bytes are durable.</summary>
    /// <param name="content">Read to its end, not disposed.</param>
    /// <param name="cancellationToken">Cancels; then nothing is stored.</param>
    /// <returns>The artifact; its time is now, also when the same bytes had been stored before.</returns>
    /// <exception cref="MlOpsException">The store cannot be written.</exception>
    Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default);

    /// <summary>Stores bytes. When the task has ended, they are durable.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Cancels; then nothing is stored.</param>
    /// <returns>The artifact; its time is now, also when the same bytes had been stored before.</returns>
    /// <exception cref="MlOpsException">The store cannot be written.</exception>
    Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Opens an artifact for reading from its beginning to its end.</summary>
    /// <param name="id">The artifact.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// A forward-only stream; the read that meets the end throws an <see cref="MlOpsException"/> when the
    /// bytes are not those that were put.
    /// </returns>
    /// <exception cref="MlOpsException">There is no such artifact, or it cannot be read.</exception>
    Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default);

    /// <summary>Reads a whole artifact and verifies it.</summary>
    /// <param name="id">The artifact; at most 2 GB.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such artifact, it cannot be read, or its bytes are not those that were put.</exception>
    Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default);

    /// <summary>Looks an artifact up.</summary>
    /// <param name="id">The artifact.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The artifact, or <see langword="null"/> where there is none.</returns>
    Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default);

    /// <summary>Whether there is such an artifact.</summary>
    /// <param name="id">The artifact.</param>
    /// <param name="cancellationToken">Cancels.</param>
    async Task<bool> ExistsAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Removes an artifact.</summary>
    /// <param name="id">The artifact.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MlOpsException">
    /// The store cannot be written, or a run, a result or a model version of the workspace needs the artifact.
    /// </exception>
    Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default);

    /// <summary>Lists the artifacts, in no particular order.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default);
}
