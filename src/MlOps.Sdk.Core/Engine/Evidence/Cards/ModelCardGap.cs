namespace MlOps.Sdk.Evidence;

/// <summary>Something that a model card should say and nobody recorded.</summary>
/// <param name="Section">The section that it belongs to.</param>
/// <param name="What">What is missing, as a sentence.</param>
/// <param name="Remedy">How it is recorded, as a sentence.</param>
public sealed record ModelCardGap(string Section, string What, string Remedy);
