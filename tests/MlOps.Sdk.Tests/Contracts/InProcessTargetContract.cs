using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class InProcessTargetContract : DeploymentTargetContract
{
    protected override IDeploymentTarget Create(Workspace workspace) => workspace.Process;
}
