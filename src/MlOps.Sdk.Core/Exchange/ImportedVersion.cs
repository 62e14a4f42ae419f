namespace MlOps.Sdk;

/// <summary>A version that an import added.</summary>
/// <param name="Model">The model.</param>
/// <param name="From">The number that it had in the other workspace.</param>
/// <param name="Version">The number that it has here: another one where that was taken.</param>
public sealed record ImportedVersion(string Model, int From, int Version);
