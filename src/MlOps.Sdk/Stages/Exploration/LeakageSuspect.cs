namespace MlOps.Sdk.Exploration;

/// <summary>A column that may not be available, or not be so good, when predictions are made.</summary>
/// <param name="Column">The column.</param>
/// <param name="Reason">Why it is suspected.</param>
/// <param name="Strength">The strength of the association, 0 to 1; NaN for identifiers.</param>
/// <param name="Sentence">The suspicion in plain language.</param>
public sealed record LeakageSuspect(string Column, LeakageReason Reason, double Strength, string Sentence);
