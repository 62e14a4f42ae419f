using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Execution;

/// <summary>A recorded result that a run takes as it is.</summary>
/// <param name="RunId">The run that has it.</param>
/// <param name="Fingerprint">What it depended on, as a hash.</param>
/// <param name="Outputs">What the stage made, as far as it is there.</param>
internal sealed record TakenStage(string RunId, string? Fingerprint, IReadOnlyDictionary<string, ArtifactId> Outputs);
