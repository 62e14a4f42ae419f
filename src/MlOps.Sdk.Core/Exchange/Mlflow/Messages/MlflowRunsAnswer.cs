namespace MlOps.Sdk;

/// <summary>The answer of <c>runs/search</c>.</summary>
internal sealed record MlflowRunsAnswer(IReadOnlyList<MlflowRun>? Runs);
