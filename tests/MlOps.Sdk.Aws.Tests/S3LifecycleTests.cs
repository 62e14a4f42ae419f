using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The lifecycle on s3rver.</summary>
[TestFixture]
public sealed class S3LifecycleTests : ArtifactLifecycleTests
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

    private protected override IArtifactStore Open()
    {
        var client = S3Emulator.CreateClient();
        var store = new S3ArtifactStore(S3Emulator.Options(_bucket), client);
        _open.AddRange([store, client]);
        return store;
    }
}
