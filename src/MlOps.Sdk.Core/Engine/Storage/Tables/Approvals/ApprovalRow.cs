namespace MlOps.Sdk.Storage;

internal sealed record ApprovalRow
{
    public long No { get; init; }

    public string Model { get; init; } = "";

    public int Version { get; init; }

    public string ContentHash { get; init; } = "";

    public string Kind { get; init; } = "";

    public int? Live { get; init; }

    public string Requester { get; init; } = "";

    /// <summary>Who made the version, as JSON.</summary>
    public string Authors { get; init; } = "";

    /// <summary>Who must approve, as JSON.</summary>
    public string Policy { get; init; } = "";

    public long RequestedAt { get; init; }

    public long ExpiresAt { get; init; }

    public string Reason { get; init; } = "";
}
