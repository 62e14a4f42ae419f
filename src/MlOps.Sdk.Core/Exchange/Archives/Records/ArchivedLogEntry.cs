namespace MlOps.Sdk;

/// <summary>A message of the log of a run in an archive.</summary>
internal sealed record ArchivedLogEntry(
    long No,
    long At,
    int Level,
    int Event,
    string? EventName,
    string Category,
    int? Stage,
    string Message,
    string? ExceptionType,
    string? Exception,
    int Size);
