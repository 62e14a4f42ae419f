using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

[TestFixture]
public sealed class WorkspaceArtifactsContractTests : ArtifactsInAFolder
{
    protected override IArtifactStore Create() => new WorkspaceArtifacts(CreateFiles());
}
