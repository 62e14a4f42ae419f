using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>What a <see cref="CollectionBuilder"/> was told. Immutable and thread-safe.</summary>
/// <param name="Sources">The sources, in order; at least one.</param>
/// <param name="Resilience">The pipeline that the user configured; <see langword="null"/> for the default.</param>
internal sealed record CollectionPlan(IReadOnlyList<CollectionStep> Sources, ResiliencePipeline? Resilience);
