namespace MlOps.Sdk.Deployment;

/// <summary>What a target really serves.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Version">The version; <see langword="null"/> when nothing is served.</param>
/// <param name="ContentHash">The content hash of the package; <see langword="null"/> when nothing is served.</param>
public sealed record ObservedDeployment(string Endpoint, int? Version, string? ContentHash);
