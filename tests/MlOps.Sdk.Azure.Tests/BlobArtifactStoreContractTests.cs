using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>The contract on azurite: small blocks, so that the larger content goes in several.</summary>
[TestFixture]
public sealed class BlobArtifactStoreContractTests : ArtifactStoreContract
{
    private string _container = "";

    [SetUp]
    public async Task CreateContainer() => _container = await BlobEmulator.CreateContainerAsync();

    protected override IArtifactStore Create()
    {
        var options = BlobEmulator.Options(_container);
        options.BlockSize = 1 << 20;
        options.PageSize = 7;
        return new BlobArtifactStore(options, BlobEmulator.CreateClient());
    }

    protected override async ValueTask<bool> DamageAsync(ArtifactId id, byte[] bytes)
    {
        await BlobEmulator.WriteAsync(_container, BlobEmulator.NameOf(id), bytes);
        return true;
    }
}
