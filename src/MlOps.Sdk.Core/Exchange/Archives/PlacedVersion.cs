namespace MlOps.Sdk;

/// <summary>Where a version of an archive is here, and what it was registered with there.</summary>
internal sealed record PlacedVersion(int Version, string? Description);
