using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MlOps.Sdk.Storage;

/// <summary>Blobs of a container of Azure Blob Storage. Thread-safe.</summary>
internal sealed class BlobPlace(BlobContainerClient container, BlobStoreOptions options) : IObjectPlace
{
    private const int MostBlocks = 50_000;
    private const string FolderMark = "hdi_isfolder";

    // The address of a client may have a signature.
    public string Address { get; } = container.Uri.GetComponents(
        UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped);

    public string AddressOf(string key) => $"{Address}/{key}";

    public async Task<StoredObject> UploadAsync(
        string key, Stream content, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        content.Position = 0;
        var blob = container.GetBlobClient(key);
        if (options.EncryptionScope is not null) blob = blob.WithEncryptionScope(options.EncryptionScope);
        var size = Math.Max(options.BlockSize, (content.Length + MostBlocks - 1) / MostBlocks);
        var stored = await blob.UploadAsync(
            content,
            new BlobUploadOptions
            {
                // One block at a time: memory is bounded. Blocks of an upload that fails are not part of a blob.
                TransferOptions = new StorageTransferOptions
                {
                    InitialTransferSize = size,
                    MaximumTransferSize = size,
                    MaximumConcurrency = 1,
                },
                TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
            },
            cancellationToken).ConfigureAwait(false);
        return new StoredObject(key, content.Length, ObjectRange.ETagText(stored.Value.ETag.ToString()), stored.Value.LastModified);
    }

    public async Task<Stream?> OpenAsync(string key, ObjectRange range, CancellationToken cancellationToken)
    {
        var conditions = range.ETag is { } etag ? new BlobRequestConditions { IfMatch = new ETag($"\"{etag}\"") } : null;
        try
        {
            var blob = await container.GetBlobClient(key).DownloadStreamingAsync(
                new BlobDownloadOptions { Range = new HttpRange(range.From, range.Length), Conditions = conditions },
                cancellationToken).ConfigureAwait(false);
            if (range.Accepts(blob.Value.Details.ETag.ToString())) return blob.Value.Content;
            blob.Value.Dispose();
            throw ObjectChange.Changed(AddressOf(key));
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
        catch (RequestFailedException e) when (range.ETag is not null && e.Status is 412 or 416)
        {
            throw ObjectChange.Changed(AddressOf(key));
        }
    }

    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await container.GetBlobClient(key).GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return IsFolder(found.Value.ContentLength, found.Value.Metadata) ? null : new StoredObject(
                key, found.Value.ContentLength, ObjectRange.ETagText(found.Value.ETag.ToString()), found.Value.LastModified);
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await container.GetBlobClient(key)
                .DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return false;
        }
    }

    public async Task<(IReadOnlyList<StoredObject> Objects, string? Next)> ListAsync(
        string prefix, string? page, CancellationToken cancellationToken)
    {
        var query = new GetBlobsOptions { Prefix = prefix, Traits = BlobTraits.Metadata };
        var pages = container.GetBlobsAsync(query, cancellationToken).AsPages(page, options.PageSize);
        await foreach (var found in pages.ConfigureAwait(false))
        {
            StoredObject[] objects =
            [
                .. found.Values.Where(blob => !IsFolder(blob.Properties.ContentLength, blob.Metadata)).Select(blob => new StoredObject(
                    blob.Name,
                    blob.Properties.ContentLength ?? 0,
                    ObjectRange.ETagText(blob.Properties.ETag?.ToString()),
                    blob.Properties.LastModified ?? DateTimeOffset.UnixEpoch)),
            ];
            return (objects, found.ContinuationToken);
        }

        return ([], null);
    }

    public ObjectFailure? Explain(Exception exception) => BlobFailures.Explain(exception, container.Name);

    // What an account with a hierarchical namespace has between the blobs: a folder is listed as a blob without bytes.
    private static bool IsFolder(long? size, IDictionary<string, string>? metadata) => size is null or 0
        && metadata is not null
        && metadata.Any(entry => entry.Key.Equals(FolderMark, StringComparison.OrdinalIgnoreCase)
            && entry.Value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static bool IsMissing(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound;
}
