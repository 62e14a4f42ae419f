using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MlOps.Sdk.Storage;

/// <summary>Blobs of a container of Azure Blob Storage. Thread-safe.</summary>
internal sealed class BlobPlace(BlobContainerClient container, BlobArtifactOptions options) : IObjectPlace
{
    private const int MostBlocks = 50_000;

    // The address of a client may have a signature.
    private readonly string _address = container.Uri.GetComponents(
        UriComponents.Scheme | UriComponents.Host | UriComponents.StrongPort | UriComponents.Path, UriFormat.UriEscaped);

    public string AddressOf(string key) => $"{_address}/{key}";

    public async Task<DateTimeOffset> UploadAsync(
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
        return stored.Value.LastModified;
    }

    public async Task<Stream?> OpenAsync(string key, long from, CancellationToken cancellationToken)
    {
        try
        {
            var blob = await container.GetBlobClient(key).DownloadStreamingAsync(
                new BlobDownloadOptions { Range = new HttpRange(from) }, cancellationToken).ConfigureAwait(false);
            return blob.Value.Content;
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    }

    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await container.GetBlobClient(key).GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return new StoredObject(key, found.Value.ContentLength, found.Value.LastModified);
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
        var pages = container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken).AsPages(page, options.PageSize);
        await foreach (var found in pages.ConfigureAwait(false))
        {
            StoredObject[] objects =
            [
                .. found.Values.Select(blob => new StoredObject(
                    blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? DateTimeOffset.UnixEpoch)),
            ];
            return (objects, found.ContinuationToken);
        }

        return ([], null);
    }

    public ObjectFailure? Explain(Exception exception) => BlobFailures.Explain(exception, container.Name);

    private static bool IsMissing(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound;
}
