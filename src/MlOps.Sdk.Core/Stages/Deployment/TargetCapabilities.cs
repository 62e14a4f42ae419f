namespace MlOps.Sdk.Deployment;

/// <summary>What a deployment target can do.</summary>
/// <param name="InProcess">Whether predictions are made in this process, so that monitoring sees them directly.</param>
public sealed record TargetCapabilities(bool InProcess = false);
