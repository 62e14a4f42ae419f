namespace CustomerChurn;

/// <summary>What the application wants to know of a customer.</summary>
/// <param name="Probability">The probability that the customer leaves.</param>
/// <param name="ShouldCall">Whether a call is worth its cost.</param>
internal readonly record struct ChurnPrediction(double Probability, bool ShouldCall);
