using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>The metrics of a run by step.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Metrics">The values, by name and step.</param>
internal sealed record MetricSeries(string RunId, IReadOnlyList<RunMetric> Metrics);
