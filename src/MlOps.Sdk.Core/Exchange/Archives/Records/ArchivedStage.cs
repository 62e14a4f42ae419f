namespace MlOps.Sdk;

/// <summary>A stage of a run in an archive.</summary>
internal sealed record ArchivedStage(
    int Stage,
    string State,
    string? Fingerprint,
    string? Reason,
    long? StartedAt,
    long? Elapsed,
    string? Error,
    Dictionary<string, string> Outputs);
