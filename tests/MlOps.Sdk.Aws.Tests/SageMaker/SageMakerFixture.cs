using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Two versions of a model for all tests of a fixture, and a SageMaker for each test.</summary>
internal abstract class SageMakerFixture : TwoVersionsFixture
{
    protected Bench Bench { get; private set; } = null!;

    [SetUp]
    public void OpenBench() => Bench = new Bench();

    [TearDown]
    public async Task CloseBench() => await Bench.DisposeAsync();

    protected static int VersionOf(DesiredDeployment desired) => desired.Model.Version.Version;
}
