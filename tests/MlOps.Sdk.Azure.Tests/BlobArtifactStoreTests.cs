using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>On azurite: what the contract does not ask.</summary>
[TestFixture]
public sealed class BlobArtifactStoreTests
{
    private string _container = "";

    [SetUp]
    public async Task CreateContainer() => _container = await BlobEmulator.CreateContainerAsync();

    [Test]
    public async Task ListAsync_ForeignBlobs_AreLeftOut()
    {
        var store = Store();
        var id = (await store.PutAsync("x"u8.ToArray())).Id;
        var path = $"{id.Hex[..2]}/{id.Hex[2..]}";
        foreach (var name in new[] { "tests/artifacts/readme.txt", $"tests/artifacts/{id.Hex}", $"tests/artifactsx/{path}" })
        {
            await BlobEmulator.WriteAsync(_container, name, [1]);
        }

        var listed = new List<ArtifactInfo>();
        await foreach (var artifact in store.ListAsync()) listed.Add(artifact);

        Assert.That(listed.Select(artifact => artifact.Id), Is.EqualTo(new[] { id }));
        Assert.That(listed[0].StoredAt, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task PutAsync_Large_IsOneBlobOfManyBlocks()
    {
        var store = Store(options => options.BlockSize = 1 << 20);

        var stored = await store.PutAsync(new byte[(3 << 20) + 1]);

        var blocks = await BlobEmulator.CreateClient().GetBlobContainerClient(_container)
            .GetBlockBlobClient(BlobEmulator.NameOf(stored.Id)).GetBlockListAsync(BlockListTypes.Committed);
        Assert.That(blocks.Value.CommittedBlocks.Select(block => block.SizeLong), Is.EqualTo(new long[] { 1 << 20, 1 << 20, 1 << 20, 1 }));
    }

    [Test]
    public async Task Blobs_OfAStore_AreNotPublic()
    {
        var stored = await Store().PutAsync("x"u8.ToArray());
        var container = BlobEmulator.CreateClient().GetBlobContainerClient(_container);
        using var anyone = new HttpClient();

        var answer = await anyone.GetAsync(container.GetBlobClient(BlobEmulator.NameOf(stored.Id)).Uri);

        Assert.That(answer.IsSuccessStatusCode, Is.False);
        Assert.That((await container.GetPropertiesAsync()).Value.PublicAccess ?? PublicAccessType.None, Is.EqualTo(PublicAccessType.None));
    }

    [Test]
    public void Calls_ContainerIsMissing_SayNoArtifactIsMissing()
    {
        var store = new BlobArtifactStore(BlobEmulator.Options("mlops-nowhere"), BlobEmulator.CreateClient());
        var id = ArtifactId.Of("x"u8);

        foreach (var call in new Func<Task>[]
        {
            () => store.FindAsync(id), () => store.PutAsync("x"u8.ToArray()), () => store.ReadAllAsync(id), () => store.DeleteAsync(id),
            async () => await store.ListAsync().GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            Assert.That(
                async () => await call(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("there is no container 'mlops-nowhere'")
                    .And.Message.Contains("/mlops-nowhere/tests/artifacts"));
        }
    }

    [Test]
    public async Task Upload_OfAKilledProcess_IsNoArtifactAndInNobodysWay()
    {
        var bytes = new byte[2 << 20];
        var id = ArtifactId.Of(bytes);
        using var block = new MemoryStream(bytes, 0, 1 << 20);
        await BlobEmulator.CreateClient().GetBlobContainerClient(_container).GetBlockBlobClient(BlobEmulator.NameOf(id))
            .StageBlockAsync(Convert.ToBase64String(new byte[48]), block);
        var store = Store();

        Assert.That(await store.FindAsync(id), Is.Null);
        Assert.That(await store.ListAsync().GetAsyncEnumerator().MoveNextAsync(), Is.False);
        await store.PutAsync(bytes);
        Assert.That(await store.ReadAllAsync(id), Is.EqualTo(bytes));
    }

    [Test]
    public async Task PutAsync_WrongKey_IsAnErrorWithoutIt()
    {
        var wrong = Convert.ToBase64String(new byte[64]);
        var store = new BlobArtifactStore(BlobEmulator.Options(_container), BlobEmulator.CreateClient(wrong));

        var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await store.PutAsync("x"u8.ToArray())))!;

        Assert.That(error.Message, Does.Contain("access is denied (HTTP 403, AuthorizationFailure)").And.Contain("Blob Data Contributor"));
        Assert.That(error.ToString(), Does.Not.Contain(wrong).And.Not.Contain("SharedKey").And.Not.Contain("string to sign"));
    }

    [Test]
    public async Task PutAsync_ClientWithASignature_NamesTheBlobWithoutIt()
    {
        var container = BlobEmulator.CreateClient().GetBlobContainerClient(_container);
        var address = new Uri($"{BlobEmulator.Address}?sv=2024-11-04&sig=of-a-signature");
        var client = new BlobServiceClient(address, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04));
        var store = new BlobArtifactStore(BlobEmulator.Options(container.Name), client);

        var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await store.ReadAllAsync(ArtifactId.Of("x"u8))))!;

        Assert.That(error.DataSource, Does.StartWith(container.Uri.ToString()));
        Assert.That(error.ToString(), Does.Not.Contain("of-a-signature").And.Not.Contain("sig="));
    }

    [Test]
    public async Task PutAsync_CancelledBetweenBlocks_StoresNothing()
    {
        using var cancel = new CancellationTokenSource();
        using var recorder = new RecordingBlobs(passOn: true)
        {
            Answer = async (request, _) =>
            {
                if (request.Kind.Contains("blockid", StringComparison.Ordinal)) await cancel.CancelAsync();
                return null;
            },
        };
        var store = Store(options => options.BlockSize = 1 << 20, recorder.CreateClient(BlobEmulator.Address, BlobEmulator.Key));

        Assert.That(async () => await store.PutAsync(new byte[4 << 20], cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        var listed = new List<ArtifactInfo>();
        await foreach (var artifact in Store().ListAsync()) listed.Add(artifact);
        Assert.That(listed, Is.Empty);
        Assert.That(cancel.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task PutAsync_BytesChangeOnTheWay_AreRefusedByTheService()
    {
        using var recorder = new RecordingBlobs(passOn: true) { Change = body => body[0] ^= 1 };
        var store = Store(client: recorder.CreateClient(BlobEmulator.Address, BlobEmulator.Key));

        var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await store.PutAsync("hello"u8.ToArray())))!;

        // The service itself says Md5Mismatch.
        Assert.That(error.Message, Does.Contain("the store rejected the request (HTTP 400, InvalidOperation)"));
        Assert.That(await Store().FindAsync(ArtifactId.Of("hello"u8)), Is.Null);
    }

    private BlobArtifactStore Store(Action<BlobArtifactOptions>? configure = null, BlobServiceClient? client = null)
    {
        var options = BlobEmulator.Options(_container);
        configure?.Invoke(options);
        return new BlobArtifactStore(options, client ?? BlobEmulator.CreateClient());
    }
}
