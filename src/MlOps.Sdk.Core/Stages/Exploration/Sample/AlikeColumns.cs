using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>Two columns of which one says nearly all that the other says.</summary>
/// <param name="First">One column.</param>
/// <param name="Second">The other.</param>
/// <param name="Measure"><c>equal</c>, <c>spearman</c> or <c>cramers_v</c>.</param>
/// <param name="Value">The value of the measure; 1 for columns that are equal.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record AlikeColumns(string First, string Second, string Measure, double Value);
