using Azure.Storage.Blobs;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Artifacts in a container of Azure Blob Storage: <c>ab/cdef…</c> below a prefix. Uploads have checksums that the service compares, and
/// what is read is verified. Thread-safe, and safe against other processes on the same prefix.
/// </summary>
public sealed class BlobArtifactStore : IArtifactStore
{
    private readonly ObjectArtifacts _artifacts;

    /// <summary>Opens the store; nothing is sent yet.</summary>
    /// <param name="options">Where and how artifacts are kept.</param>
    /// <param name="client">
    /// Makes the calls; <see langword="null"/> for a client of <see cref="BlobStoreOptions.ServiceUri"/> with the credentials of Azure's
    /// default chain, which repeats a failed request three times.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An option is missing or out of its range, or there are both a client and an address, or neither.
    /// </exception>
    public BlobArtifactStore(BlobArtifactOptions options, BlobServiceClient? client = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var kept = options.Checked();
        client = BlobClients.Of(kept, client);
        _artifacts = new ObjectArtifacts(
            new BlobPlace(client.GetBlobContainerClient(kept.Container), kept),
            kept.Prefix,
            new ObjectStoreTimes(kept.Timeout, kept.TransferTimeout));
    }

    /// <inheritdoc/>
    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
        _artifacts.PutAsync(content, cancellationToken);

    /// <inheritdoc/>
    public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        _artifacts.PutAsync(content, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        _artifacts.OpenAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        _artifacts.ReadAllAsync(id, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="MlOpsException">The store cannot be read.</exception>
    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        _artifacts.FindAsync(id, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>With soft delete or versioning, the account keeps the blob for as long as it says.</remarks>
    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        _artifacts.DeleteAsync(id, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="MlOpsException">The store cannot be read.</exception>
    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
        _artifacts.ListAsync(cancellationToken);
}
