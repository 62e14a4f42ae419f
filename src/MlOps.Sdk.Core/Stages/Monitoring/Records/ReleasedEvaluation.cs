using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Monitoring;

/// <summary>How good a version was on its holdout.</summary>
/// <param name="Metrics">The metrics with their 95 % intervals, by name.</param>
/// <param name="Rows">Rows of the holdout; 0 where it is not known.</param>
internal sealed record ReleasedEvaluation(IReadOnlyDictionary<string, MetricValue> Metrics, long Rows);
