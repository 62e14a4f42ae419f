using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>The lifecycle on azurite.</summary>
[TestFixture]
public sealed class BlobLifecycleTests : ArtifactLifecycleTests
{
    private string _container = "";

    [SetUp]
    public async Task CreateContainer() => _container = await BlobEmulator.CreateContainerAsync();

    private protected override IArtifactStore Open() =>
        new BlobArtifactStore(BlobEmulator.Options(_container), BlobEmulator.CreateClient());
}
