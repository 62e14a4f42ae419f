namespace MlOps.Sdk;

/// <summary>A run that could not be sent to an MLflow server, while others could.</summary>
/// <param name="Run">The id of the run.</param>
/// <param name="Problem">Why, for example what the server says; without secrets.</param>
/// <param name="Remedy">What to do; <see langword="null"/> when nobody knows.</param>
public sealed record RefusedRun(string Run, string Problem, string? Remedy);
