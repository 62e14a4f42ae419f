using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>What every target promises, kept by a running server and the target that sends to it.</summary>
public sealed class ServerTargetContract : DeploymentTargetContract
{
    private PackageSigner? _signer;
    private TestApp? _app;

    [TearDown]
    public async Task StopAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _signer?.Dispose();
    }

    protected override IDeploymentTarget Create(Workspace workspace)
    {
        var signer = _signer = PackageSigner.Create();
        _app = TestApp.StartAsync(
            options => options.AdminPolicy = "release",
            trained: false,
            services: services => services.AddSingleton(new PackageTrust(signer.PublicKey)),
            servesAll: true).GetAwaiter().GetResult();
        return new HttpTarget(
            HttpTarget.Check(new Uri(_app.Address, "models")),
            new HttpTargetOptions { HeaderName = "X-User", HeaderValue = _ => ValueTask.FromResult("admin-eve") },
            new OutgoingReleases(signer, workspace.Readers),
            TimeProvider.System);
    }
}
