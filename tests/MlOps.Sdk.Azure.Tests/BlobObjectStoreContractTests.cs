using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>The contract on azurite: small blocks, so that the larger content goes in several, and small pages.</summary>
[TestFixture]
public sealed class BlobObjectStoreContractTests : ObjectStoreContract
{
    private string _container = "";

    [SetUp]
    public async Task CreateContainer() => _container = await BlobEmulator.CreateContainerAsync();

    protected override int ManyObjects => LongForm.Of(1_100, 30);

    protected override IObjectStore Create() => new BlobObjectStore(
        new BlobObjectOptions { Container = _container, BlockSize = 5 << 20, PageSize = 7 }, BlobEmulator.CreateClient());
}
