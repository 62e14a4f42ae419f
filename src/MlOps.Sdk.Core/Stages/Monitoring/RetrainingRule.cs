namespace MlOps.Sdk.Monitoring;

/// <summary>When to retrain, and on what.</summary>
/// <param name="Signal">The signal that requests it.</param>
/// <param name="Data">The rows to learn from.</param>
/// <param name="Cooldown">How long after one retraining the next may be requested.</param>
/// <param name="SearchAgain">Whether to search hyperparameters again rather than reuse the winner's.</param>
/// <param name="MinimumFeedback">How many labels must have arrived before feedback is learned from.</param>
internal sealed record RetrainingRule(Signal Signal, RetrainingData Data, TimeSpan Cooldown, bool SearchAgain, int MinimumFeedback);
