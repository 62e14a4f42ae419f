namespace MlOps.Sdk;

/// <summary>The answer of <c>experiments/get-by-name</c>, and of <c>experiments/create</c>.</summary>
internal sealed record MlflowExperimentAnswer(MlflowExperiment? Experiment, string? ExperimentId);
