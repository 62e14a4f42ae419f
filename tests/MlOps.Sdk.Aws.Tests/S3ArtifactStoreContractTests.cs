using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The contract on s3rver: small parts, so that the larger content goes in several.</summary>
[TestFixture]
public sealed class S3ArtifactStoreContractTests : ArtifactStoreContract
{
    private readonly List<IDisposable> _open = [];
    private string _bucket = "";

    [SetUp]
    public async Task CreateBucket() => _bucket = await S3Emulator.CreateBucketAsync();

    [TearDown]
    public void Close()
    {
        foreach (var open in _open) open.Dispose();
        _open.Clear();
    }

    protected override IArtifactStore Create()
    {
        var client = S3Emulator.CreateClient();
        var options = S3Emulator.Options(_bucket);
        options.PartSize = 5 << 20;
        options.PageSize = 7;
        var store = new S3ArtifactStore(options, client);
        _open.AddRange([store, client]);
        return store;
    }

    protected override async ValueTask<bool> DamageAsync(ArtifactId id, byte[] bytes)
    {
        await S3Emulator.WriteAsync(_bucket, S3Emulator.KeyOf(id), bytes);
        return true;
    }
}
