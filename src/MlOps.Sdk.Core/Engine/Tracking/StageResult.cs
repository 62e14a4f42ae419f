using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>The result of a stage that may be reused.</summary>
/// <param name="RunId">The run that computed it.</param>
/// <param name="Outputs">What it made, by name.</param>
/// <param name="Inputs">The parts of its fingerprint, as texts.</param>
/// <param name="SavedAt">When, in UTC.</param>
internal sealed record StageResult(
    string RunId,
    IReadOnlyDictionary<string, ArtifactId> Outputs,
    IReadOnlyList<(string Name, string Value)> Inputs,
    DateTimeOffset SavedAt);
