using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ContainerContextTargetContract : DeploymentTargetContract
{
    private readonly TempFolder _folder = new();
    private PackageSigner? _signer;

    [TearDown]
    public void DeleteFolder()
    {
        _folder.Dispose();
        _signer?.Dispose();
    }

    protected override IDeploymentTarget Create(Workspace workspace)
    {
        _signer ??= PackageSigner.Create();
        return new ContainerContextTarget(_folder.Path, new OutgoingReleases(_signer, workspace.Readers), TimeProvider.System);
    }

    protected override Task<bool> TamperAsync(IDeploymentTarget target, string endpoint)
    {
        var current = File.ReadAllText(Path.Combine(_folder.Path, endpoint, "current"));
        File.AppendAllText(Path.Combine(_folder.Path, endpoint, current, "Dockerfile"), "USER root\n");
        return Task.FromResult(true);
    }
}
