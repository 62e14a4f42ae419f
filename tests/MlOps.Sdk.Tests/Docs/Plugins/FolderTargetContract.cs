using Acme;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class FolderTargetContract : DeploymentTargetContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override IDeploymentTarget Create(Workspace workspace) => new FolderTarget(_folder[$"target-{Guid.NewGuid():N}"]);
}
