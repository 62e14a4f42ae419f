using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A workspace with two blessed versions of the model <c>churn</c>, for all tests of a fixture.</summary>
internal abstract class TwoVersionsFixture
{
    private TemporaryWorkspace _temporary = null!;

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
}
