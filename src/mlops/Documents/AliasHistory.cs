using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Where an alias pointed to.</summary>
/// <param name="Model">The model.</param>
/// <param name="Alias">The alias.</param>
/// <param name="Changes">The moves, in the order of the registry.</param>
internal sealed record AliasHistory(string Model, string Alias, IReadOnlyList<AliasChange> Changes);
