namespace MlOps.Sdk;

/// <summary>The request <c>runs/search</c>.</summary>
internal sealed record MlflowRunSearch(IReadOnlyList<string> ExperimentIds, string Filter, string RunViewType, int MaxResults);
