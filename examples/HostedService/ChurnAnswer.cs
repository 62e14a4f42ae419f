namespace HostedService;

/// <summary>What the application answers.</summary>
/// <param name="Probability">The probability that the customer leaves.</param>
/// <param name="ShouldCall">Whether a call is worth its cost.</param>
internal readonly record struct ChurnAnswer(double Probability, bool ShouldCall);
