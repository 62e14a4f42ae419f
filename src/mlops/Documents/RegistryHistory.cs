using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>What people changed about a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Changes">The changes, the newest first.</param>
internal sealed record RegistryHistory(string Model, IReadOnlyList<RegistryChange> Changes);
