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
        return deployment.ToOutside(services => new ReleaseFolderTarget(path, services.Releases, services.Time), signs: true);
    }

    /// <summary>
    /// Writes for every version that goes live what <c>docker build</c> needs for a server of it: a <c>Dockerfile</c> (no root, health
    /// check), a small program with this library, the signed release, the public key, and a bill of materials (CycloneDX 1.6). It is
    /// <c>{folder}/{model}/{version}-{hash}/</c>, complete before <c>{folder}/{model}/current</c> names it, and not changed afterwards. The
    /// release is read back, loaded, and held to its golden rows. The context before stays for who still builds it; older ones are removed.
    /// No image is built. The program reads models of the packages MlOps.Sdk and MlOps.Sdk.MicrosoftML; one with a part of a plug-in is
    /// rejected, and the run fails. The workspace needs a <see cref="WorkspaceOptions.Signer"/>.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="folder">The folder; it is created when missing, and its rights are those of <see cref="ToFolder"/>.</param>
    /// <param name="packages">
    /// A folder with the packages (<c>.nupkg</c>) of this library, in the version that the application runs with: they are copied into the
    /// context, and the program is built from them. <see langword="null"/> for the folder that the application itself was restored from, if
    /// it was one and has them all; else they are restored from nuget.org. Other packages always are.
    /// </param>
    public static DeploymentBuilder ToContainerContext(this DeploymentBuilder deployment, string folder, string? packages = null)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var path = Path.GetFullPath(folder);
        var source = packages is null ? null : Path.GetFullPath(packages);
        return deployment.ToOutside(services => new ContainerContextTarget(path, services.Releases, services.Time, source), signs: true);
    }

    /// <summary>
    /// Sends every version that goes live to a server of models of this library: a signed release to <c>{models}/{model}/releases</c>,
    /// which the server takes up by <see cref="Workspace.ReceiveAsync"/>. The workspace needs a <see cref="WorkspaceOptions.Signer"/>, the
    /// server a <see cref="Packaging.PackageTrust"/> and an <c>AdminPolicy</c> that lets the caller in.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="models">
    /// Where the server has its models, for example <c>https://scoring.example.com/models</c>; with http only on this machine.
    /// </param>
    /// <param name="configure">Sets the options, for example the header that says who asks.</param>
    /// <exception cref="ArgumentException">The address is not one that releases are sent to, or an option is out of its range.</exception>
    public static DeploymentBuilder ToHttp(this DeploymentBuilder deployment, Uri models, Action<HttpTargetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var address = HttpTarget.Check(models);
        var options = new HttpTargetOptions();
        configure?.Invoke(options);
        var complete = options.Checked();
        return deployment.ToOutside(services => new HttpTarget(address, complete, services.Releases, services.Time), signs: true);
    }
}
