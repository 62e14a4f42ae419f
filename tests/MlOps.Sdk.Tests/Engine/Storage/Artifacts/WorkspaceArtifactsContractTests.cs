using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

[TestFixture]
public sealed class WorkspaceArtifactsContractTests : FileArtifactStoreContractTests
{
    protected override IArtifactStore Create() => new WorkspaceArtifacts(CreateFiles());
}
