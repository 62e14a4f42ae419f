namespace MlOps.Sdk.Storage;

/// <summary>What a process adds to the windows of a model.</summary>
internal sealed record PaneChanges
{
    public required string Model { get; init; }

    public required string Windows { get; init; }

    /// <summary>
    /// The process's parts, whole, each with what was added since it was stored: that becomes a part of its own where a check has taken the
    /// stored one.
    /// </summary>
    public required IReadOnlyList<(PaneRow Whole, Func<PaneRow> Fresh)> Panes { get; init; }

    /// <summary>The latest event time in ticks.</summary>
    public long? Newest { get; init; }

    public long Late { get; init; }

    public long Untimed { get; init; }

    /// <summary>What was stored last before this, in ticks, is forgotten.</summary>
    public required long Forget { get; init; }
}
