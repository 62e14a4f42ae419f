namespace MlOps.Sdk;

/// <summary>The answer of <c>runs/create</c>.</summary>
internal sealed record MlflowRunAnswer(MlflowRun? Run);
