using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Two versions of a model for all tests of a fixture, and a SageMaker of each test.</summary>
internal abstract class SageMakerFixture
{
    private TemporaryWorkspace _temporary = null!;

    protected Bench Bench { get; private set; } = null!;

    protected Workspace Workspace => _temporary.Workspace;

    protected DesiredDeployment First { get; private set; } = null!;

    protected DesiredDeployment Second { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task Train()
    {
        _temporary = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(Workspace, "churn");
        First = await BlessedModels.DesiredAsync(Workspace, first, "churn");
        Second = await BlessedModels.DesiredAsync(Workspace, second, "churn");
    }

    [OneTimeTearDown]
    public async Task Clean() => await _temporary.DisposeAsync();

    [SetUp]
    public void OpenBench() => Bench = new Bench();

    [TearDown]
    public async Task CloseBench() => await Bench.DisposeAsync();

    protected static int VersionOf(DesiredDeployment desired) => desired.Model.Version.Version;
}
