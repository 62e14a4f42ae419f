namespace MlOps.Sdk.Tests.Compatibility;

/// <summary>What the earlier version said of a model when it wrote the workspace.</summary>
internal sealed record ExpectedModel(
    string Run,
    string State,
    IReadOnlyList<string> Stages,
    int Version,
    int CollectedRows,
    IReadOnlyList<long> ScoreBits,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Findings);
