using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>When to retrain, and on what.</summary>
/// <param name="Signals">The signals that ask for it.</param>
/// <param name="Data">The rows to learn from.</param>
/// <param name="Cooldown">How long after one retraining the next may be asked for.</param>
/// <param name="SearchAgain">Whether to search hyperparameters anew rather than reuse the winner's.</param>
/// <param name="MinimumFeedback">How many labels must have arrived before feedback is learned from.</param>
public sealed record RetrainingRule(
    IReadOnlyList<Signal> Signals, RetrainingData Data, TimeSpan Cooldown, bool SearchAgain, int MinimumFeedback)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
