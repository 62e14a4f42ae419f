using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>A version that was deleted.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="Deletion">By whom, when and why.</param>
internal sealed record VersionDeleted(string Model, int Version, VersionDeletion Deletion);
