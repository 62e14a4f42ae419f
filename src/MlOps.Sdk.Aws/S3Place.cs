using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlOps.Sdk.Storage;

/// <summary>Objects of a bucket of S3. Thread-safe.</summary>
internal sealed class S3Place(IAmazonS3 client, S3StoreOptions options) : IObjectPlace
{
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    public const int LongestKey = 1_024;

    private readonly S3Upload _upload = new(client, options);

    public int MostKeyBytes => LongestKey;

    public string AddressOf(string key) => $"s3://{options.Bucket}/{key}";

    public async Task<StoredObject> UploadAsync(
        string key, Stream content, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        await _upload.UploadAsync(key, content, sha256, cancellationToken).ConfigureAwait(false);

        // Only a lookup tells the time by the clock of the store.
        return await FindAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new MlOpsException(
            "The object was deleted by others while it was stored.", "Store it again.") { DataSource = AddressOf(key) };
    }

    public async Task<Stream?> OpenAsync(string key, ObjectRange range, CancellationToken cancellationToken) =>
        (await GetAsync(key, range, cancellationToken).ConfigureAwait(false))?.ResponseStream;

    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = options.Bucket, Key = key }, cancellationToken).ConfigureAwait(false);
            return new StoredObject(key, found.ContentLength, ObjectRange.ETagText(found.ETag), TimeOf(found.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // An answer without a body does not tell whether the bucket is there.
            using var found = await GetAsync(key, new ObjectRange(0), cancellationToken).ConfigureAwait(false);
            return found is null
                ? null
                : new StoredObject(key, found.ContentLength, ObjectRange.ETagText(found.ETag), TimeOf(found.LastModified));
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
            .. (answer.S3Objects ?? []).Select(found => new StoredObject(
                found.Key, found.Size ?? 0, ObjectRange.ETagText(found.ETag), TimeOf(found.LastModified))),
        ];
        return (objects, answer.IsTruncated == true ? answer.NextContinuationToken : null);
    }

    public ObjectFailure? Explain(Exception exception) => S3Failures.Explain(exception, options.Bucket);

    private static DateTimeOffset TimeOf(DateTime? time) => new((time ?? DateTime.UnixEpoch).ToUniversalTime());

    private async Task<GetObjectResponse?> GetAsync(string key, ObjectRange range, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = options.Bucket, Key = key };
        if (range.Length is { } length) request.ByteRange = new ByteRange(range.From, range.From + length - 1);
        else if (range.From > 0) request.ByteRange = new ByteRange($"bytes={range.From}-");
        if (range.ETag is { } etag) request.EtagToMatch = $"\"{etag}\"";
        try
        {
            var found = await client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            var isAnswered = range.From == 0 || found.HttpStatusCode == HttpStatusCode.PartialContent;
            if (isAnswered && range.Accepts(found.ETag)) return found;

            // A store that only speaks S3 may not know ranges, or not compare.
            found.Dispose();
            throw isAnswered
                ? ObjectChange.Changed(AddressOf(key))
                : new MlOpsException("The store does not answer with the range that was requested.", "Use a store that knows ranges.")
                {
                    DataSource = AddressOf(key),
                };
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
        catch (AmazonS3Exception e) when (
            range.ETag is not null && e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw ObjectChange.Changed(AddressOf(key));
        }
    }
}
