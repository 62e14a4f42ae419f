namespace LifecycleApp;

/// <summary>The probability that the customer leaves, and whether a call is worth its cost.</summary>
internal readonly record struct ChurnPrediction(double Probability, bool ShouldCall);
