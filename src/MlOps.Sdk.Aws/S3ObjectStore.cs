using Amazon.S3;

namespace MlOps.Sdk.Storage;

/// <summary>
/// A bucket of Amazon S3, or of a store that speaks its protocol, as a place of tables. Uploads have SHA-256 checksums, ask for encryption,
/// and never set an access control list; ranges are read of the ETag that was listed. Thread-safe, and safe against other processes on the
/// same bucket.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IObjectKeys, IDisposable
{
    private readonly PlaceObjects _objects;
    private readonly AmazonS3Client? _own;

    /// <summary>Opens the store; nothing is sent yet.</summary>
    /// <param name="options">Which bucket, and how objects are stored.</param>
    /// <param name="client">
    /// Makes the calls, and is not disposed of with the store; <see langword="null"/> for one of the store's own, with the credentials and
    /// the region of AWS's default chain, which repeats a failed request three times.
    /// </param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="MlOpsException">The default chain has no region.</exception>
    public S3ObjectStore(S3ObjectOptions options, IAmazonS3? client = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var kept = options.Checked();
        Name = $"s3://{kept.Bucket}";
        if (client is null) client = _own = S3Clients.OfDefaultChain();
        _objects = new PlaceObjects(new S3Place(client, kept), new ObjectStoreTimes(kept.Timeout, kept.TransferTimeout));
    }

    /// <summary>The address of the bucket, such as <c>s3://bucket</c>.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<ObjectPage> ListAsync(string prefix, string? page = null, CancellationToken cancellationToken = default) =>
        _objects.ListAsync(prefix, page, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken = default) =>
        _objects.OpenAsync(stored, from, length, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken = default) =>
        _objects.PutAsync(key, content, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>In a bucket with versioning, earlier versions stay until a lifecycle rule of the bucket removes them.</remarks>
    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        _objects.DeleteAsync(key, cancellationToken);

    bool IObjectKeys.CanKeep(string key) => _objects.CanKeep(key);

    /// <summary>Disposes of the store's own client.</summary>
    public void Dispose() => _own?.Dispose();
}
