namespace MlOps.Sdk.Exploration;

/// <summary>Something noteworthy about a column.</summary>
/// <param name="Column">The column.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Sentence">The same in plain language, with the numbers.</param>
public sealed record Finding(string Column, FindingKind Kind, string Sentence);
