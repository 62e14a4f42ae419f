using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>The deployment targets that come with the library.</summary>
public static class DeploymentExtensions
{
    /// <summary>Serves in this process: predictions through <see cref="Workspace.Endpoint{TIn, TOut}"/> or an injected endpoint.</summary>
    /// <param name="deployment">The builder.</param>
    public static DeploymentBuilder ToProcess(this DeploymentBuilder deployment)
    {
        deployment.ToThisProcess();
        return deployment;
    }
}
