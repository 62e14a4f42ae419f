namespace MlOps.Sdk;

/// <summary>A run in an archive, without its series. Times are UTC ticks.</summary>
internal sealed record ArchivedRun
{
    public required string Id { get; init; }

    public required string Lifecycle { get; init; }

    public required string Kind { get; init; }

    public required string State { get; init; }

    public required long StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public required long Seed { get; init; }

    public required string Cause { get; init; }

    public string? ParentRun { get; init; }

    public string? Error { get; init; }

    public string? Environment { get; init; }

    /// <summary>The run whose results it took; since format 2, like what follows.</summary>
    public string? ResultsOf { get; init; }

    public int? FromStage { get; init; }

    /// <summary>Who started it.</summary>
    public string? Starter { get; init; }

    /// <summary>How many messages of its log were dropped; <see langword="null"/> for none.</summary>
    public long? LogDropped { get; init; }

    public required Dictionary<string, string> Parameters { get; init; }

    public required Dictionary<string, string> Tags { get; init; }

    public required IReadOnlyList<ArchivedNote> Notes { get; init; }

    public required IReadOnlyList<ArchivedFile> Artifacts { get; init; }

    public required IReadOnlyList<ArchivedDataset> Datasets { get; init; }

    public required IReadOnlyList<ArchivedStage> Stages { get; init; }
}
