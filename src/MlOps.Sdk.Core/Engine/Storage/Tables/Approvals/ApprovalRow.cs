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

    /// <summary>By what the requester is known, whatever the name is.</summary>
    public string RequesterId { get; init; } = "";

    /// <summary>Who made the version, as JSON.</summary>
    public string Authors { get; init; } = "";

    /// <summary>Who must approve, as JSON.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Who must approve afterwards, as JSON; <see langword="null"/> where that stays as it is.</summary>
    public string? Afterwards { get; init; }

    /// <summary>The run that waits for it; <see langword="null"/> for none.</summary>
    public string? Run { get; init; }

    /// <summary>The release of another workspace that it is about, as JSON; <see langword="null"/> for none.</summary>
    public string? Release { get; init; }

    public long RequestedAt { get; init; }

    public long ExpiresAt { get; init; }

    public string Reason { get; init; } = "";
}
