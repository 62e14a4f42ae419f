using System.Net;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The requests themselves: that content is encrypted, private and complete, no emulator can prove.</summary>
[TestFixture]
public sealed class S3RequestTests
{
    private static readonly byte[] Large = new byte[(10 << 20) + 1];

    private RecordingS3 _s3 = null!;

    [SetUp]
    public void Open() => _s3 = new RecordingS3();

    [TearDown]
    public void Close() => _s3.Dispose();

    // S3 counts bytes of UTF-8, not characters.
    [Test]
    public async Task PutAsync_KeyOfMoreBytesThanS3Takes_IsRefusedAndNothingIsSent()
    {
        var store = new S3ObjectStore(new S3ObjectOptions { Bucket = "models" }, _s3.CreateClient());
        var longest = new string('東', 341) + "k";

        await store.PutAsync(longest, new MemoryStream([1]));
        Assert.That(_s3.Requests, Is.Not.Empty);
        var sent = _s3.Requests.Count;

        Assert.That(
            async () => await store.PutAsync(longest + "k", new MemoryStream([1])),
            Throws.ArgumentException.With.Message.Contains("1,024 bytes"));
        Assert.That(_s3.Requests, Has.Count.EqualTo(sent));
        Assert.That((store.CanKeep(longest), store.CanKeep(longest + "k")), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task OpenAsync_AnswerIsShorterThanTheRange_IsAnErrorAndNotTheEnd()
    {
        _s3.Answer = (_, _) =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.PartialContent) { Content = new ByteArrayContent([1, 2, 3]) };
            answer.Headers.TryAddWithoutValidation("ETag", "\"e\"");
            return Task.FromResult<HttpResponseMessage?>(answer);
        };
        var store = new S3ObjectStore(new S3ObjectOptions { Bucket = "models" }, _s3.CreateClient());

        await using var stream = await store.OpenAsync(new StoredObject("k", 100, "e", DateTimeOffset.UnixEpoch), 10, 20);

        Assert.That(async () => await stream.CopyToAsync(Stream.Null), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task PutAsync_Small_IsOneSignedRequestWithItsHashAndEncryption()
    {
        var bytes = "hello"u8.ToArray();

        var stored = await Store().PutAsync(bytes);

        Assert.That(_s3.Requests.Select(request => request.Kind), Is.EqualTo(new[] { "PUT", "HEAD" }));
        var put = _s3.Requests[0];
        Assert.Multiple(() =>
        {
            Assert.That(stored.StoredAt, Is.EqualTo(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), "by the clock of the store");
            Assert.That(put.Address.Scheme, Is.EqualTo("https"));
            Assert.That(put.Address.AbsolutePath, Is.EqualTo($"/artifacts/{stored.Id.Hex[..2]}/{stored.Id.Hex[2..]}"));
            Assert.That(put.Body, Is.EqualTo(bytes));
            Assert.That(put["x-amz-server-side-encryption"], Is.EqualTo("AES256"));
            Assert.That(put["x-amz-checksum-sha256"], Is.EqualTo(Convert.ToBase64String(SHA256.HashData(bytes))));
            Assert.That(put["x-amz-content-sha256"], Is.EqualTo(stored.Id.Hex), "the signature covers the content");
            Assert.That(put["Authorization"], Does.StartWith("AWS4-HMAC-SHA256").And.Contain("x-amz-server-side-encryption"));
        });
    }

    [Test]
    public async Task PutAsync_Large_IsUploadedInPartsWithTheirHashes()
    {
        await Store().PutAsync(Large);

        Assert.That(
            _s3.Requests.Select(request => request.Kind),
            Is.EqualTo(new[]
            {
                "POST uploads", "PUT partNumber&uploadId", "PUT partNumber&uploadId", "PUT partNumber&uploadId", "POST uploadId", "HEAD",
            }));
        var (begin, parts, end) = (_s3.Requests[0], _s3.Requests.Skip(1).Take(3).ToArray(), Encoding.UTF8.GetString(_s3.Requests[4].Body));
        Assert.Multiple(() =>
        {
            Assert.That(begin["x-amz-server-side-encryption"], Is.EqualTo("AES256"));
            Assert.That(begin["x-amz-checksum-algorithm"], Is.EqualTo("SHA256"));
            Assert.That(parts.Select(part => part.Body.Length), Is.EqualTo(new[] { 5 << 20, 5 << 20, 1 }));
            foreach (var part in parts)
            {
                var hash = SHA256.HashData(part.Body);
                Assert.That(part["x-amz-checksum-sha256"], Is.EqualTo(Convert.ToBase64String(hash)));
                Assert.That(part["x-amz-content-sha256"], Is.EqualTo(Convert.ToHexStringLower(hash)));
                Assert.That(end, Does.Contain($"<ChecksumSHA256>{Convert.ToBase64String(hash)}</ChecksumSHA256>"));
            }
        });
    }

    [TestCase("arn:aws:kms:eu-central-1:111122223333:key/1234")]
    [TestCase(null)]
    public async Task PutAsync_Kms_AsksForTheKey(string? key)
    {
        var store = Store(options => (options.Encryption, options.KmsKeyId) = (S3Encryption.Kms, key));

        await store.PutAsync("hello"u8.ToArray());
        await store.PutAsync(Large);

        foreach (var write in _s3.Requests.Where(request => request.Kind is "PUT" or "POST uploads"))
        {
            Assert.That(write["x-amz-server-side-encryption"], Is.EqualTo("aws:kms"));
            Assert.That(write["x-amz-server-side-encryption-aws-kms-key-id"], Is.EqualTo(key));
        }
    }

    [Test]
    public async Task PutAsync_BucketDefault_AsksForNoEncryption()
    {
        var store = Store(options => options.Encryption = S3Encryption.BucketDefault);

        await store.PutAsync("hello"u8.ToArray());
        await store.PutAsync(Large);

        Assert.That(_s3.Requests.SelectMany(request => request.Headers.Keys), Has.None.Contains("encryption"));
    }

    [Test]
    public async Task Calls_Any_NeverGrantAccessOrHideThePayloadFromTheSignature()
    {
        var store = Store();

        await store.PutAsync("hello"u8.ToArray());
        await store.PutAsync(Large);
        await store.DeleteAsync(ArtifactId.Of("hello"u8));

        Assert.That(_s3.Requests, Has.Count.EqualTo(10));
        foreach (var request in _s3.Requests)
        {
            Assert.That(request.Headers.Keys, Has.None.Contains("acl").And.None.Contains("grant"));
            Assert.That(request.Address.Query, Does.Not.Contain("acl").And.Not.Contain("X-Amz-Signature"));
            Assert.That(request["x-amz-content-sha256"], Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(request.Body))));
        }
    }

    [Test]
    public void PutAsync_APartFails_AbortsTheUpload()
    {
        _s3.Answer = (request, _) => Task.FromResult(
            request.Address.Query.Contains("partNumber=2", StringComparison.Ordinal)
                ? RecordingS3.Error(HttpStatusCode.Forbidden, "AccessDenied")
                : null);

        Assert.That(
            async () => await Store().PutAsync(Large),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("access is denied (HTTP 403, AccessDenied)"));

        var last = _s3.Requests[^1];
        Assert.That((last.Kind, last.Address.Query), Is.EqualTo(("DELETE uploadId", "?uploadId=upload-1")));
    }

    [Test]
    public void PutAsync_CancelledDuringAPart_AbortsTheUpload()
    {
        using var cancel = new CancellationTokenSource();
        _s3.Answer = async (request, cancellationToken) =>
        {
            if (!request.Address.Query.Contains("partNumber=2", StringComparison.Ordinal)) return null;
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        };

        Assert.That(async () => await Store().PutAsync(Large, cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(_s3.Requests[^1].Kind, Is.EqualTo("DELETE uploadId"));
    }

    [Test]
    public async Task PutAsync_OfUnknownLength_NeedsMemoryForNoPart()
    {
        const int Size = 64 << 20;
        using var s3 = new RecordingS3 { KeepBodies = false };
        var store = new S3ArtifactStore(new S3ArtifactOptions { Bucket = "models", PartSize = 16 << 20 }, s3.CreateClient());
        await store.PutAsync(new EndlessStream(1 << 20));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var stored = await store.PutAsync(new EndlessStream(Size));

        Assert.That(stored.Size, Is.EqualTo(Size));
        Assert.That(s3.Requests.Count(request => request.Kind == "PUT partNumber&uploadId"), Is.EqualTo(4));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(Size / 4));
    }

    [Test]
    public async Task ListAsync_SeveralPages_AsksForEach()
    {
        var ids = new[] { ArtifactId.Of("a"u8), ArtifactId.Of("b"u8) };
        _s3.Answer = (request, _) =>
        {
            var isSecond = request.Address.Query.Contains("continuation-token=next", StringComparison.Ordinal);
            var id = ids[isSecond ? 1 : 0];
            return Task.FromResult<HttpResponseMessage?>(new(HttpStatusCode.OK)
            {
                Content = new StringContent(
                    $"<ListBucketResult><IsTruncated>{(isSecond ? "false" : "true")}</IsTruncated>" +
                        (isSecond ? "" : "<NextContinuationToken>next</NextContinuationToken>") +
                        $"<Contents><Key>artifacts/{id.Hex[..2]}/{id.Hex[2..]}</Key><Size>7</Size>" +
                        "<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents></ListBucketResult>"),
            });
        };

        var listed = new List<ArtifactInfo>();
        await foreach (var artifact in Store().ListAsync()) listed.Add(artifact);

        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.That(listed, Is.EqualTo(ids.Select(id => new ArtifactInfo(id, 7, time))));
        Assert.That(_s3.Requests[0].Address.Query, Does.Contain("prefix=artifacts%2F").And.Contain("max-keys=1000"));
    }

    [TestCase(5L << 40, 16L << 20, ExpectedResult = 549_755_814L)]
    [TestCase(160L << 20, 16L << 20, ExpectedResult = 16L << 20)]
    public long SizeOfPart_VeryLarge_NeedsTenThousandPartsAtMost(long length, long wanted)
    {
        var size = S3Upload.SizeOfPart(length, wanted);
        Assert.That((length + size - 1) / size, Is.LessThanOrEqualTo(10_000));
        return size;
    }

    private S3ArtifactStore Store(Action<S3ArtifactOptions>? configure = null)
    {
        var options = new S3ArtifactOptions { Bucket = "models", PartSize = 5 << 20 };
        configure?.Invoke(options);
        return new S3ArtifactStore(options, _s3.CreateClient());
    }
}
