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

    /// <summary>
    /// Hands every version that goes live to other processes through a folder, which may be a network drive: a signed release
    /// <c>{folder}/{model}/{version}-{hash}.mlops</c>, and <c>current.json</c>, which names it. The release is read back, loaded, and held
    /// to its golden rows before <c>current.json</c> is replaced, as a whole. The release before stays for who still reads it; older ones
    /// are removed. Other hosts follow the folder with <see cref="MlOpsBuilder.FollowReleases"/>. The workspace needs a
    /// <see cref="WorkspaceOptions.Signer"/>.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="folder">
    /// The folder; it is created when missing. What is made in it is for the account of this process alone, or below a folder with the
    /// mode 2770 for its group, too.
    /// </param>
    public static DeploymentBuilder ToFolder(this DeploymentBuilder deployment, string folder)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var path = Path.GetFullPath(folder);
        return deployment.ToOutside(services => new ReleaseFolderTarget(path, services.Releases, services.Time));
    }
}
