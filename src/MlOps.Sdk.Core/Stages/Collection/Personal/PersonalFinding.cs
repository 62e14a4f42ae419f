using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

/// <summary>A column that seems to hold personal data.</summary>
/// <param name="Column">The column.</param>
/// <param name="Kind">What its values look like.</param>
/// <param name="Share">The share of the values looked at that do, 0 to 1.</param>
/// <param name="Values">How many values were looked at.</param>
/// <param name="Sentence">The same in plain language, without any value.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PersonalFinding(string Column, PersonalKind Kind, double Share, long Values, string Sentence);
