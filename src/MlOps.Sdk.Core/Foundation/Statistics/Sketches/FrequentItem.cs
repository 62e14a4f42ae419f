namespace MlOps.Sdk.Statistics;

/// <summary>A text and how often it occurs.</summary>
/// <param name="Item">The text.</param>
/// <param name="Lower">It occurs at least so often.</param>
/// <param name="Upper">It occurs at most so often; equal to <paramref name="Lower"/> when the count is exact.</param>
public readonly record struct FrequentItem(string Item, long Lower, long Upper);
