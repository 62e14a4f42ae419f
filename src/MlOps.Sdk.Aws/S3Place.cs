using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlOps.Sdk.Storage;

/// <summary>Objects of a bucket of S3. Thread-safe.</summary>
internal sealed class S3Place(IAmazonS3 client, S3ArtifactOptions options) : IObjectPlace
{
    private readonly S3Upload _upload = new(client, options);

    public string AddressOf(string key) => $"s3://{options.Bucket}/{key}";

    public async Task<DateTimeOffset> UploadAsync(
        string key, Stream content, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        await _upload.UploadAsync(key, content, sha256, cancellationToken).ConfigureAwait(false);

        // Only a lookup tells the time by the clock of the store.
        var stored = await FindAsync(key, cancellationToken).ConfigureAwait(false);
        return stored?.StoredAt ?? throw new MlOpsException(
            "The artifact was deleted by others while it was stored.", "Store it again.") { DataSource = AddressOf(key) };
    }

    public async Task<Stream?> OpenAsync(string key, long from, CancellationToken cancellationToken) =>
        (await GetAsync(key, from, cancellationToken).ConfigureAwait(false))?.ResponseStream;

    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = options.Bucket, Key = key }, cancellationToken).ConfigureAwait(false);
            return new StoredObject(key, found.ContentLength, TimeOf(found.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // An answer without a body does not tell whether the bucket is there.
            using var found = await GetAsync(key, 0, cancellationToken).ConfigureAwait(false);
            return found is null ? null : new StoredObject(key, found.ContentLength, TimeOf(found.LastModified));
        }
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        // A deletion does not tell whether there was something.
        if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is null) return false;
        await client.DeleteObjectAsync(
            new DeleteObjectRequest { BucketName = options.Bucket, Key = key }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async Task<(IReadOnlyList<StoredObject> Objects, string? Next)> ListAsync(
        string prefix, string? page, CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = options.Bucket,
            Prefix = prefix,
            ContinuationToken = page,
            MaxKeys = options.PageSize,
        };
        var answer = await client.ListObjectsV2Async(request, cancellationToken).ConfigureAwait(false);
        StoredObject[] objects =
        [
            .. (answer.S3Objects ?? []).Select(found => new StoredObject(found.Key, found.Size ?? 0, TimeOf(found.LastModified))),
        ];
        return (objects, answer.IsTruncated == true ? answer.NextContinuationToken : null);
    }

    public ObjectFailure? Explain(Exception exception) => S3Failures.Explain(exception, options.Bucket);

    private static DateTimeOffset TimeOf(DateTime? time) => new((time ?? DateTime.UnixEpoch).ToUniversalTime());

    private async Task<GetObjectResponse?> GetAsync(string key, long from, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = options.Bucket, Key = key };
        if (from > 0) request.ByteRange = new ByteRange($"bytes={from}-");
        try
        {
            return await client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }
}
