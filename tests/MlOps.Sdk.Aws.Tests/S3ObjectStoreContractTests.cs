using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The contract on s3rver: small parts, so that the larger content goes in several, and small pages.</summary>
[TestFixture]
public sealed class S3ObjectStoreContractTests : ObjectStoreContract
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

    // s3rver shows an object while it writes it; S3 does not.
    protected override bool ReplacesAtOnce => false;

    protected override int ManyObjects => LongForm.Of(1_100, 30);

    protected override IObjectStore Create()
    {
        var client = S3Emulator.CreateClient();
        var store = new S3ObjectStore(
            new S3ObjectOptions { Bucket = _bucket, Encryption = S3Encryption.BucketDefault, PartSize = 5 << 20, PageSize = 7 }, client);
        _open.AddRange([store, client]);
        return store;
    }
}
