namespace MlOps.Sdk.Storage;

internal sealed class RunStageRow
{
    public long Run { get; init; }

    public int Stage { get; init; }

    public string State { get; init; } = "";

    public string? Fingerprint { get; init; }

    public string? Reason { get; init; }

    public long? StartedAt { get; init; }

    public long? Elapsed { get; init; }

    public string? Error { get; init; }

    public string? Outputs { get; init; }
}
