namespace MlOps.Sdk;

/// <summary>The request <c>runs/create</c>.</summary>
internal sealed record MlflowRunRequest(string ExperimentId, long StartTime, string RunName, IReadOnlyList<MlflowPair> Tags);
