using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>A version that was deleted in the workspace that an archive is of.</summary>
/// <param name="Model">The model.</param>
/// <param name="From">The number that it had there.</param>
/// <param name="Deletion">Who deleted it there, when and why.</param>
public sealed record DeletedVersion(string Model, int From, VersionDeletion Deletion);
