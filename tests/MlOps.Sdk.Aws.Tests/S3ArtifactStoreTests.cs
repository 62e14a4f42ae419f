using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>On s3rver: what the contract does not ask.</summary>
[TestFixture]
public sealed class S3ArtifactStoreTests
{
    private AmazonS3Client _client = null!;
    private string _bucket = "";

    [SetUp]
    public async Task CreateBucket()
    {
        _bucket = await S3Emulator.CreateBucketAsync();
        _client = S3Emulator.CreateClient();
    }

    [TearDown]
    public void Close() => _client?.Dispose();

    [Test]
    public async Task ListAsync_ForeignObjects_AreLeftOut()
    {
        var store = new S3ArtifactStore(S3Emulator.Options(_bucket), _client);
        var id = (await store.PutAsync("x"u8.ToArray())).Id;
        var path = $"{id.Hex[..2]}/{id.Hex[2..]}";
        foreach (var key in new[] { "tests/artifacts/readme.txt", $"tests/artifacts/{id.Hex}", $"tests/artifactsx/{path}" })
        {
            await S3Emulator.WriteAsync(_bucket, key, [1]);
        }

        var listed = new List<ArtifactInfo>();
        await foreach (var artifact in store.ListAsync()) listed.Add(artifact);

        Assert.That(listed.Select(artifact => artifact.Id), Is.EqualTo(new[] { id }));
        Assert.That(listed[0].StoredAt, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task PutAsync_OtherPrefix_IsAnotherStore()
    {
        var bytes = "x"u8.ToArray();
        var id = (await new S3ArtifactStore(new S3ArtifactOptions { Bucket = _bucket, Prefix = "" }, _client).PutAsync(bytes)).Id;

        Assert.That(await new S3ArtifactStore(S3Emulator.Options(_bucket), _client).FindAsync(id), Is.Null);
        Assert.That((await _client.GetObjectMetadataAsync(_bucket, $"{id.Hex[..2]}/{id.Hex[2..]}")).ContentLength, Is.EqualTo(1));
    }

    [Test]
    public void Calls_BucketIsMissing_SayNoArtifactIsMissing()
    {
        var store = new S3ArtifactStore(S3Emulator.Options("mlops-nowhere"), _client);
        var id = ArtifactId.Of("x"u8);

        foreach (var call in new Func<Task>[]
        {
            () => store.FindAsync(id), () => store.PutAsync("x"u8.ToArray()), () => store.ReadAllAsync(id), () => store.DeleteAsync(id),
            async () => await store.ListAsync().GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            Assert.That(
                async () => await call(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("there is no bucket 'mlops-nowhere'").And.Message.Contains("s3://"));
        }
    }

    [Test]
    public async Task Upload_OfAKilledProcess_IsNoArtifactAndInNobodysWay()
    {
        var bytes = new byte[6 << 20];
        var (id, key) = (ArtifactId.Of(bytes), S3Emulator.KeyOf(ArtifactId.Of(bytes)));
        var upload = await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key });
        using var part = new MemoryStream(bytes, 0, 5 << 20);
        await _client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = _bucket, Key = key, UploadId = upload.UploadId, PartNumber = 1, InputStream = part, UseChunkEncoding = false,
        });
        var store = new S3ArtifactStore(S3Emulator.Options(_bucket), _client);

        Assert.That(await store.FindAsync(id), Is.Null);
        Assert.That(await store.ListAsync().GetAsyncEnumerator().MoveNextAsync(), Is.False);
        await store.PutAsync(bytes);
        Assert.That(await store.ReadAllAsync(id), Is.EqualTo(bytes));
    }

    [Test]
    public async Task PutAsync_UnknownAccount_IsAnErrorWithoutIt()
    {
        using var client = new AmazonS3Client(
            new BasicAWSCredentials("NOBODY", "wrong-secret"),
            new AmazonS3Config { ServiceURL = Environment.GetEnvironmentVariable("MLOPS_S3"), ForcePathStyle = true });
        var store = new S3ArtifactStore(S3Emulator.Options(_bucket), client);

        var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await store.PutAsync("x"u8.ToArray())))!;

        Assert.That(error.Message, Does.Contain("does not accept the credentials (InvalidAccessKeyId)").And.Contain("Renew"));
        Assert.That(error.ToString(), Does.Not.Contain("NOBODY").And.Not.Contain("wrong-secret").And.Not.Contain("AWS4"));
    }

    [Test]
    public async Task PutAsync_CancelledBetweenParts_StoresNothing()
    {
        using var cancel = new CancellationTokenSource();
        var options = S3Emulator.Options(_bucket);
        options.PartSize = 5 << 20;
        _client.BeforeRequestEvent += (_, e) =>
        {
            if (e is WebServiceRequestEventArgs { Request: UploadPartRequest { PartNumber: 2 } }) cancel.Cancel();
        };

        Assert.That(
            async () => await new S3ArtifactStore(options, _client).PutAsync(new byte[12_000_000], cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(cancel.IsCancellationRequested, Is.True);
        Assert.That((await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket })).S3Objects ?? [], Is.Empty);
    }
}
