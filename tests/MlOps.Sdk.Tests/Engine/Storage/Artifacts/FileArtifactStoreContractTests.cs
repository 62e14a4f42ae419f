using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

[TestFixture]
public sealed class FileArtifactStoreContractTests : ArtifactsInAFolder
{
    protected override IArtifactStore Create() => CreateFiles();
}
