namespace MlOps.Sdk;

/// <summary>The request <c>experiments/create</c>.</summary>
internal sealed record MlflowExperimentRequest(string Name);
