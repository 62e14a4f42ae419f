namespace MlOps.Sdk.Processing;

/// <summary>An expectation among the steps, and what follows from it.</summary>
/// <param name="Expectation">What is expected.</param>
/// <param name="OnFailure">What happens when it is not met.</param>
/// <param name="Mostly">The share of rows that must pass; <see langword="null"/> for all, and for no limit to what is quarantined.</param>
internal sealed record ExpectationRule(IExpectation Expectation, OnFailure OnFailure, double? Mostly);
