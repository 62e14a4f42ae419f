namespace MlOps.Sdk.Training;

/// <summary>What a search found.</summary>
/// <param name="Leaderboard">All trials, best first.</param>
/// <param name="Winner">The best trial.</param>
/// <param name="Model">The winner's setting, trained on all rows.</param>
/// <param name="OutOfFoldScores">
/// The winner's scores of rows that it had not seen, aligned with the training rows, row by row; NaN for a row that no fold predicts.
/// </param>
internal sealed record SearchResult(Leaderboard Leaderboard, TrialResult Winner, TrainedModel Model, double[] OutOfFoldScores)
{
    /// <summary>The decision threshold.</summary>
    public double Threshold => Winner.Threshold;
}
