namespace MlOps.Sdk.Metrics;

/// <summary>What an interval is requested with.</summary>
/// <param name="Level">The confidence.</param>
/// <param name="Resamples">The number of resamples, where rows are drawn.</param>
/// <param name="Seed">The seed.</param>
internal readonly record struct ResamplingPlan(double Level, int Resamples, int Seed);
