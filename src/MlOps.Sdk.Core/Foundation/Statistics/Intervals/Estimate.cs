namespace MlOps.Sdk.Statistics;

/// <summary>A number with its standard error.</summary>
/// <param name="Value">The number.</param>
/// <param name="Error">Its standard error.</param>
internal readonly record struct Estimate(double Value, double Error);
