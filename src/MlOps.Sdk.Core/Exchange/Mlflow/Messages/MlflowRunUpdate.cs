namespace MlOps.Sdk;

/// <summary>The request <c>runs/update</c>.</summary>
internal sealed record MlflowRunUpdate(string RunId, string Status, long? EndTime);
