using Azure.Storage.Blobs;

namespace MlOps.Sdk.Storage;

/// <summary>
/// A container of Azure Blob Storage as a place of tables. Uploads have checksums that the service compares; ranges are read of the ETag
/// that was listed. Thread-safe, and safe against other processes on the same container.
/// </summary>
public sealed class BlobObjectStore : IObjectStore
{
    private readonly PlaceObjects _objects;

    /// <summary>Opens the store; nothing is sent yet.</summary>
    /// <param name="options">Which container, and how blobs are stored.</param>
    /// <param name="client">
    /// Makes the calls; <see langword="null"/> for a client of <see cref="BlobStoreOptions.ServiceUri"/> with the credentials of Azure's
    /// default chain, which repeats a failed request three times.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An option is missing or out of its range, or there are both a client and an address, or neither.
    /// </exception>
    public BlobObjectStore(BlobObjectOptions options, BlobServiceClient? client = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var kept = options.Checked();
        var place = new BlobPlace(BlobClients.Of(kept, client).GetBlobContainerClient(kept.Container), kept);
        Name = place.Address;
        _objects = new PlaceObjects(place, new ObjectStoreTimes(kept.Timeout, kept.TransferTimeout));
    }

    /// <summary>The address of the container, without a signature.</summary>
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
    /// <remarks>With soft delete or versioning, the account keeps the blob for as long as it says.</remarks>
    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        _objects.DeleteAsync(key, cancellationToken);
}
