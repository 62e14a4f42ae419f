using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>How often a class of the label occurs.</summary>
/// <param name="Class">The class, as invariant text.</param>
/// <param name="Rows">The number of training rows.</param>
/// <param name="Share">The share of the training rows that have a label.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ClassShare(string Class, long Rows, double Share);
