namespace MlOps.Sdk.Tool;

/// <summary>The models of a workspace.</summary>
/// <param name="Models">The models, by name.</param>
internal sealed record ModelList(IReadOnlyList<ModelSummary> Models);
