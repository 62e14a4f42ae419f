namespace MlOps.Sdk.Storage;

/// <summary>A message of the log of a run.</summary>
internal sealed record RunLogRow
{
    public long No { get; init; }

    public long At { get; init; }

    public int Level { get; init; }

    public int Event { get; init; }

    public string? EventName { get; init; }

    public string Category { get; init; } = "";

    public int? Stage { get; init; }

    public string Message { get; init; } = "";

    public string? ExceptionType { get; init; }

    public string? Exception { get; init; }

    /// <summary>How much of the bound of its run it takes.</summary>
    public int Size { get; init; }
}
