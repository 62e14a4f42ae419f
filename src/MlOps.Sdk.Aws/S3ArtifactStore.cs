using Amazon.S3;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Artifacts in a bucket of Amazon S3, or of a store that speaks its protocol: <c>ab/cdef…</c> below a prefix. Uploads have SHA-256
/// checksums, ask for encryption, and never set an access control list; what is read is verified. Thread-safe, and safe against other
/// processes on the same prefix.
/// </summary>
public sealed class S3ArtifactStore : IArtifactStore, IDisposable
{
    private readonly ObjectArtifacts _artifacts;
    private readonly AmazonS3Client? _own;

    /// <summary>Opens the store; nothing is sent yet.</summary>
    /// <param name="options">Where and how artifacts are kept.</param>
    /// <param name="client">
    /// Makes the calls, and is not disposed of with the store; <see langword="null"/> for one of the store's own, with the credentials and
    /// the region of AWS's default chain, which repeats a failed request three times.
    /// </param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="MlOpsException">The default chain has no region.</exception>
    public S3ArtifactStore(S3ArtifactOptions options, IAmazonS3? client = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var kept = options.Checked();
        if (client is null) client = _own = S3Clients.OfDefaultChain();
        _artifacts = new ObjectArtifacts(
            new S3Place(client, kept), kept.Prefix, new ObjectStoreTimes(kept.Timeout, kept.TransferTimeout));
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
    /// <remarks>In a bucket with versioning, earlier versions stay until a lifecycle rule of the bucket removes them.</remarks>
    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        _artifacts.DeleteAsync(id, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="MlOpsException">The store cannot be read.</exception>
    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
        _artifacts.ListAsync(cancellationToken);

    /// <summary>Disposes of the store's own client.</summary>
    public void Dispose() => _own?.Dispose();
}
