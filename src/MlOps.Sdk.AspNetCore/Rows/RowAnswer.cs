using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What a version, or its fallback, says of a row.</summary>
/// <param name="Score">P(positive) for binary, the probability of the chosen class for multiclass, the number for regression.</param>
/// <param name="Label">The class that the answer decides for; <see langword="null"/> for regression.</param>
/// <param name="Scores">All scores: one, or one per class.</param>
/// <param name="Labels">The label and its classes, as the version that answered has them.</param>
internal sealed record RowAnswer(double Score, string? Label, IReadOnlyList<double> Scores, LabelEncoding Labels);
