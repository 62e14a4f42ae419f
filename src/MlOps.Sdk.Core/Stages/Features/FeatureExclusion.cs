namespace MlOps.Sdk.Features;

/// <summary>A column that <c>Auto()</c> left out.</summary>
/// <param name="Column">The column.</param>
/// <param name="Reason">Why, as a sentence.</param>
public sealed record FeatureExclusion(string Column, string Reason);
