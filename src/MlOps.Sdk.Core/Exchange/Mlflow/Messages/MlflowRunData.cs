namespace MlOps.Sdk;

/// <summary>What a run has on the server.</summary>
internal sealed record MlflowRunData(IReadOnlyList<MlflowPair>? Tags);
