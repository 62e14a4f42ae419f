namespace MlOps.Sdk.Evidence;

/// <summary>A recorded fact of a model card.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What is recorded, as plain text.</param>
public sealed record ModelCardFact(string Name, string Value);
