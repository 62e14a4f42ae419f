using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage.Objects;

/// <summary>The contract on a folder, with small pages.</summary>
[TestFixture]
public sealed class FolderObjectStoreContractTests : ObjectStoreContract
{
    private TempFolder? _folder;

    [TearDown]
    public void DeleteFolder()
    {
        _folder?.Dispose();
        _folder = null;
    }

    protected override IObjectStore Create() =>
        new FolderObjectStore(Path.Combine((_folder ??= new TempFolder()).Path, "lake")) { PageSize = 7 };
}
