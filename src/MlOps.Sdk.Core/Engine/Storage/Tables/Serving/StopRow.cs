namespace MlOps.Sdk.Storage;

internal sealed class StopRow
{
    public long No { get; init; }

    public string Model { get; init; } = "";

    public long Stopped { get; init; }

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";
}
