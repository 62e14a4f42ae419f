namespace MlOps.Sdk.Processing;

/// <summary>Numbers of rows by side.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Holdout">To be judged on.</param>
public sealed record SideCounts(long Train, long Holdout);
