using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>The requests themselves: that content is complete, private and under a scope, no emulator can prove.</summary>
[TestFixture]
public sealed class BlobRequestTests
{
    private static readonly byte[] Large = new byte[(2 << 20) + 1];

    private RecordingBlobs _blobs = null!;

    [SetUp]
    public void Open() => _blobs = new RecordingBlobs();

    [TearDown]
    public void Close() => _blobs.Dispose();

    [Test]
    public async Task PutAsync_Small_IsOneRequestWithItsHash()
    {
        var bytes = "hello"u8.ToArray();

        var stored = await Store().PutAsync(bytes);

        Assert.That(_blobs.Requests.Select(request => request.Kind), Is.EqualTo(new[] { "PUT" }));
        var put = _blobs.Requests[0];
        Assert.Multiple(() =>
        {
            Assert.That(stored.StoredAt, Is.EqualTo(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), "by the clock of the store");
            Assert.That(put.Address.Scheme, Is.EqualTo("https"));
            Assert.That(put.Address.AbsolutePath, Is.EqualTo($"/models/artifacts/{stored.Id.Hex[..2]}/{stored.Id.Hex[2..]}"));
            Assert.That(put.Body, Is.EqualTo(bytes));
            Assert.That(put["Content-MD5"], Is.EqualTo(Md5(bytes)));
            Assert.That(put["x-ms-blob-type"], Is.EqualTo("BlockBlob"));
            Assert.That(put["If-None-Match"], Is.Null, "an artifact that is there is stored again");
            Assert.That(put["x-ms-encryption-scope"], Is.Null);
        });
    }

    [Test]
    public async Task PutAsync_Large_IsUploadedInBlocksWithTheirHashes()
    {
        await Store().PutAsync(Large);

        Assert.That(_blobs.Requests.Select(request => request.Kind).Distinct(), Is.EqualTo(new[] { "PUT comp&blockid", "PUT comp" }));
        var blocks = _blobs.Requests.Where(request => request.Kind != "PUT comp").ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(blocks.Select(block => block.Body.Length), Is.EqualTo(new[] { 1 << 20, 1 << 20, 1 }));
            Assert.That(blocks.Select(block => block["Content-MD5"]), Is.EqualTo(blocks.Select(block => Md5(block.Body))));
            Assert.That(Encoding.UTF8.GetString(_blobs.Requests[^1].Body).Split("<Latest>"), Has.Length.EqualTo(4));
        });
    }

    [Test]
    public async Task PutAsync_EncryptionScope_IsNamedByEachUpload()
    {
        var store = Store(options => options.EncryptionScope = "models-scope");

        await store.PutAsync("hello"u8.ToArray());
        await store.PutAsync(Large);

        Assert.That(_blobs.Requests, Has.Count.EqualTo(5));
        Assert.That(_blobs.Requests.Select(request => request["x-ms-encryption-scope"]), Is.All.EqualTo("models-scope"));
    }

    [Test]
    public async Task Calls_Any_NeverOpenTheContainerToAnyone()
    {
        var store = Store();

        await store.PutAsync("hello"u8.ToArray());
        await store.PutAsync(Large);
        await store.DeleteAsync(ArtifactId.Of("hello"u8));

        Assert.That(_blobs.Requests, Has.Count.EqualTo(6));
        foreach (var request in _blobs.Requests)
        {
            Assert.That(request.Headers.Keys, Has.None.Contains("public-access").And.None.Contains("acl"));
            Assert.That(request.Address.Query, Does.Not.Contain("restype=container").And.Not.Contain("sig="));
        }
    }

    [Test]
    public async Task PutAsync_OfUnknownLength_NeedsMemoryForNoPart()
    {
        const int Size = 64 << 20;
        using var blobs = new RecordingBlobs { KeepBodies = false };
        var store = new BlobArtifactStore(new BlobArtifactOptions { Container = "models", BlockSize = 16 << 20 }, blobs.CreateClient());
        await store.PutAsync(new EndlessStream(1 << 20));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var stored = await store.PutAsync(new EndlessStream(Size));

        Assert.That(stored.Size, Is.EqualTo(Size));
        Assert.That(blobs.Requests.Count(request => request.Kind == "PUT comp&blockid"), Is.EqualTo(4));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(Size / 4));
    }

    private static string Md5(byte[] bytes) => Convert.ToBase64String(CryptographicOperations.HashData(HashAlgorithmName.MD5, bytes));

    private BlobArtifactStore Store(Action<BlobArtifactOptions>? configure = null)
    {
        var options = new BlobArtifactOptions { Container = "models", BlockSize = 1 << 20 };
        configure?.Invoke(options);
        return new BlobArtifactStore(options, _blobs.CreateClient());
    }
}
