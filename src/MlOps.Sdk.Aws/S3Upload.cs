using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Uploads objects to S3: small ones in one request, large ones in parts, each with its SHA-256 for S3 to compare. Thread-safe.
/// </summary>
internal sealed class S3Upload(IAmazonS3 client, S3StoreOptions options)
{
    private const int MostParts = 10_000;

    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(10);

    public async Task UploadAsync(string key, Stream content, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        content.Position = 0;
        if (content.Length > options.PartSize)
        {
            await UploadPartsAsync(key, content, cancellationToken).ConfigureAwait(false);
            return;
        }
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = key,
            InputStream = content,
            AutoCloseStream = false,
            AutoResetStreamPosition = false,
            UseChunkEncoding = false,
            ChecksumSHA256 = Convert.ToBase64String(sha256.Span),
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
        };
        await client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private ServerSideEncryptionMethod? Encryption => options.Encryption switch
    {
        S3Encryption.S3Managed => ServerSideEncryptionMethod.AES256,
        S3Encryption.Kms => ServerSideEncryptionMethod.AWSKMS,
        _ => null,
    };

    /// <summary>The size of a part, so that there are not more parts than S3 takes.</summary>
    internal static long SizeOfPart(long length, long wanted) => Math.Max(wanted, (length + MostParts - 1) / MostParts);

    private async Task UploadPartsAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = key,
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
        };
        var upload = (await client.InitiateMultipartUploadAsync(begin, cancellationToken).ConfigureAwait(false)).UploadId;
        try
        {
            var parts = new List<PartETag>();
            var size = SizeOfPart(content.Length, options.PartSize);
            for (long from = 0; from < content.Length; from += size)
            {
                parts.Add(await UploadPartAsync(
                    key, upload, parts.Count + 1, content, from, Math.Min(size, content.Length - from), cancellationToken)
                    .ConfigureAwait(false));
            }

            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload, PartETags = parts },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(key, upload).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<PartETag> UploadPartAsync(
        string key, string upload, int number, Stream content, long from, long size, CancellationToken cancellationToken)
    {
        var checksum = Convert.ToBase64String(await HashAsync(content, from, size, cancellationToken).ConfigureAwait(false));
        content.Position = from;
        var request = new UploadPartRequest
        {
            BucketName = options.Bucket,
            Key = key,
            UploadId = upload,
            PartNumber = number,
            InputStream = content,
            PartSize = size,
            UseChunkEncoding = false,
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
            ChecksumSHA256 = checksum,
        };
        var stored = await client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
        return new PartETag(number, stored.ETag) { ChecksumSHA256 = checksum };
    }

    private static async Task<byte[]> HashAsync(Stream content, long from, long size, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81_920];
        content.Position = from;
        for (var left = size; left > 0;)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken)
                .ConfigureAwait(false);
            if (read == 0) throw new EndOfStreamException();
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        return hash.GetHashAndReset();
    }

    // Its parts are stored, and paid for, until then.
    private async Task AbortAsync(string key, string upload)
    {
        using var end = new CancellationTokenSource(AbortTime);
        try
        {
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload }, end.Token)
                .ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A lifecycle rule of the bucket removes it, as it does after a process that was killed.
        }
    }
}
