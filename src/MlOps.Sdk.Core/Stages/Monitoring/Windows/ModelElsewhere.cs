namespace MlOps.Sdk.Monitoring;

/// <summary>A model that was trained and is served elsewhere.</summary>
/// <param name="ScoreColumn">The column with its scores.</param>
/// <param name="Threshold">The score from which a binary classifier decides positive.</param>
internal sealed record ModelElsewhere(string ScoreColumn, double Threshold);
