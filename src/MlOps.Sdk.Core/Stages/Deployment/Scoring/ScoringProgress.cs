namespace MlOps.Sdk.Deployment;

/// <summary>How far a scoring is.</summary>
/// <param name="Rows">The rows that are scored and written.</param>
/// <param name="Elapsed">Since the scoring began.</param>
public sealed record ScoringProgress(long Rows, TimeSpan Elapsed);
