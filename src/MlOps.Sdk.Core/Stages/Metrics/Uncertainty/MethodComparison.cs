using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>A comparison, and how it was made.</summary>
/// <param name="Method">The name of the method.</param>
/// <param name="Compared">By how much the challenger is better.</param>
internal readonly record struct MethodComparison(string Method, PairedComparison Compared);
