using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ReleaseFolderTargetContract : DeploymentTargetContract
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
        return new ReleaseFolderTarget(_folder.Path, new OutgoingReleases(_signer, workspace.Readers), TimeProvider.System);
    }

    protected override Task<bool> TamperAsync(IDeploymentTarget target, string endpoint)
    {
        var current = ReleaseFolder.Find(_folder.Path, endpoint)!.ReadCurrent()!;
        var path = Path.Combine(_folder.Path, endpoint, current.File);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(path, bytes);
        return Task.FromResult(true);
    }
}
