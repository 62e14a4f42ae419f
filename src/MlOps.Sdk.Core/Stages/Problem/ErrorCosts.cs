namespace MlOps.Sdk.Problem;

/// <summary>What the errors of a binary classifier cost, in any one unit; correct answers cost nothing.</summary>
/// <param name="FalsePositive">The cost of acting where there was no need, at least 0.</param>
/// <param name="FalseNegative">The cost of not acting where there was need, at least 0.</param>
public sealed record ErrorCosts(double FalsePositive, double FalseNegative);
