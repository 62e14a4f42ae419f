using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Monitoring;

/// <summary>What the label of a promoted version is.</summary>
/// <param name="Version">The version.</param>
/// <param name="Labels">Its labels; <see langword="null"/> where a step computes them, so that the data spells them otherwise.</param>
internal sealed record PromotedLabels(int Version, LabelEncoding? Labels);
