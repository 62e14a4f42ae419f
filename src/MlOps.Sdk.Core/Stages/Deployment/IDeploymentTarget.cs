namespace MlOps.Sdk.Deployment;

/// <summary>A place where models are served. Implementations are thread-safe.</summary>
public interface IDeploymentTarget
{
    /// <summary>A name for messages and records.</summary>
    string Name { get; }

    /// <summary>What the target can do.</summary>
    TargetCapabilities Capabilities { get; }

    /// <summary>Brings the target to the desired state; doing it twice changes nothing.</summary>
    /// <param name="desired">What to serve.</param>
    /// <param name="cancellationToken">
    /// Cancels the deployment, at the end of the target's <see cref="TargetCapabilities.Patience"/> at the latest, and within seconds when
    /// another version goes live or another process may bring the target to one; the target then serves the old version or the new one,
    /// never both.
    /// </param>
    /// <exception cref="MlOpsException">The target cannot be brought to the desired state.</exception>
    ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default);

    /// <summary>What the target really serves.</summary>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="cancellationToken">Cancels the observation.</param>
    ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default);
}
