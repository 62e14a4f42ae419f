namespace MlOps.Sdk;

/// <summary>The request <c>runs/log-batch</c>.</summary>
internal sealed record MlflowBatch(
    string RunId, IReadOnlyList<MlflowMetric> Metrics, IReadOnlyList<MlflowPair> Params, IReadOnlyList<MlflowPair> Tags);
