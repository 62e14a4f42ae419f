using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>What every deployment target promises, on this one; and what this one alone does.</summary>
[TestFixture]
public sealed class ModelServerTargetTests : DeploymentTargetContract
{
    protected override IDeploymentTarget Create(Workspace workspace) => Target(new MemoryServer());

    [Test]
    public void ObserveAsync_ServerThatFails_IsAFailureWithARemedy() => Assert.That(
        async () => await Target(new MemoryServer { IsBroken = true }).ObserveAsync("contract"),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("500").And.Property(nameof(MlOpsException.Remedy)).Not.Null);

    private static ModelServerTarget Target(MemoryServer server) =>
        new(new HttpClient(server) { BaseAddress = new Uri("http://models.invalid/") });
}
