using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>A column that may not be available, or not be so good, when predictions are made.</summary>
/// <param name="Column">The column.</param>
/// <param name="Reason">Why it is suspected.</param>
/// <param name="Strength">
/// The strength of the association, 0 to 1; of times after the prediction, the share of rows; NaN for identifiers and for values that
/// are missing in one class only.
/// </param>
/// <param name="Sentence">The suspicion in plain language.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record LeakageSuspect(string Column, LeakageReason Reason, double Strength, string Sentence)
{
    /// <summary>
    /// How many rows show it: those with a time after the prediction, or without a value; 0 for suspicions about the column as a whole.
    /// </summary>
    public long Rows { get; init; }
}
