using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>What every target promises, for SageMaker.</summary>
[TestFixture]
public sealed class SageMakerTargetContractTests : DeploymentTargetContract
{
    private Bench _bench = null!;

    [SetUp]
    public void Open() => _bench = new Bench();

    [TearDown]
    public async Task Close() => await _bench.DisposeAsync();

    protected override IDeploymentTarget Create(Workspace workspace) => _bench.Create(workspace);

    protected override Task<bool> TamperAsync(IDeploymentTarget target, string endpoint)
    {
        // Somebody brings the endpoint back to the configuration before in the console.
        var served = _bench.SageMaker.Endpoints[endpoint];
        served.Configuration = _bench.SageMaker.Configurations.Keys.Single(name => name != served.Configuration);
        return Task.FromResult(true);
    }
}
