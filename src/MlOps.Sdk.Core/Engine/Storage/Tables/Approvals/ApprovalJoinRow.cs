namespace MlOps.Sdk.Storage;

/// <summary>
/// What came to a request after it was made: another run, another requester, or another version that went live; or a run that left it.
/// </summary>
internal sealed record ApprovalJoinRow
{
    public long No { get; init; }

    public long Approval { get; init; }

    /// <summary>The run that waits for it, too, or that left it; <see langword="null"/> for none.</summary>
    public string? Run { get; init; }

    /// <summary>The version that is live.</summary>
    public int? Live { get; init; }

    public string Actor { get; init; } = "";

    /// <summary>Who cannot approve it besides, as JSON.</summary>
    public string Authors { get; init; } = "";

    /// <summary>The release that it is about, as JSON; <see langword="null"/> for none.</summary>
    public string? Release { get; init; }

    public long At { get; init; }

    /// <summary>1 where the run does not wait for it any more, because it makes another version; else 0.</summary>
    public long Leaves { get; init; }
}
