namespace MlOps.Sdk;

/// <summary>An experiment on the server.</summary>
internal sealed record MlflowExperiment(string? ExperimentId, string? LifecycleStage);
