namespace MlOps.Sdk.Deployment;

/// <summary>What a deployment target can do.</summary>
/// <param name="InProcess">Whether predictions are made in this process, so that monitoring sees them directly.</param>
public sealed record TargetCapabilities(bool InProcess = false)
{
    /// <summary>More than this is not waited for.</summary>
    internal static readonly TimeSpan LongestPatience = TimeSpan.FromDays(1);

    /// <summary>
    /// How long <see cref="IDeploymentTarget.ApplyAsync"/> may take before it is cancelled: a cloud may need many minutes for new machines.
    /// From 1 second to 1 day. Default: 5 minutes.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);
}
