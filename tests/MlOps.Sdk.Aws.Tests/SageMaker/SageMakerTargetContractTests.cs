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
}
