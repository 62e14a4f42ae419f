using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>An answer that no model gives.</summary>
/// <param name="Score">
/// The number of a regression; P(positive) of a binary classifier, 0 to 1; of several classes the probability of <paramref name="Label"/>,
/// the others share the rest. <see langword="null"/> for 1 (binary: 0 for the negative class).
/// </param>
/// <param name="Label">
/// The class; <see langword="null"/> for a regression, and for a binary classifier whose threshold decides by <paramref name="Score"/>.
/// </param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record FallbackAnswer(double? Score = null, string? Label = null);
