namespace MlOps.Sdk.Storage;

/// <summary>A start of a lifecycle that waits until no run of it is in progress.</summary>
internal sealed record WaitingStartRow
{
    public long No { get; init; }

    public string Lifecycle { get; init; } = "";

    public long Since { get; init; }

    public string OwnerToken { get; init; } = "";

    public string OwnerMachine { get; init; } = "";

    public int OwnerProcess { get; init; }

    public long OwnerStarted { get; init; }

    public long LeaseUntil { get; init; }
}
