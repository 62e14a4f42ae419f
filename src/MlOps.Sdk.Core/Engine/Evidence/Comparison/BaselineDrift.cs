using System.Text.Json.Serialization;

namespace MlOps.Sdk.Evidence;

/// <summary>
/// How far apart the training rows of two versions are in a column that both read, by the profiles that their packages keep.
/// </summary>
/// <param name="Column">The column.</param>
/// <param name="Distance">
/// The Jensen–Shannon distance, 0 for the same distribution to 1 for one without anything in common: over ten bins of the first version's
/// deciles, or its and the second's 50 most frequent texts, with rest and missing values. Of few rows it is above 0 by chance.
/// </param>
/// <param name="First">What the column is like in the first version.</param>
/// <param name="Second">What the column is like in the second version.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record BaselineDrift(string Column, double Distance, string First, string Second);
