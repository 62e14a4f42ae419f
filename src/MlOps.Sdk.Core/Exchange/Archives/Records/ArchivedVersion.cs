namespace MlOps.Sdk;

/// <summary>A version of a model in an archive. Its attestations are told, and bless nothing elsewhere.</summary>
internal sealed record ArchivedVersion
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Package { get; init; }

    public required string ContentHash { get; init; }

    public string? RunId { get; init; }

    public required long CreatedAt { get; init; }

    public required string Metrics { get; init; }

    /// <summary>What it was registered with; in format 1, what was said last.</summary>
    public string? Description { get; init; }

    /// <summary>That it was deleted: its package is not in the archive.</summary>
    public ArchivedDeletion? Deletion { get; init; }

    public required IReadOnlyList<ArchivedAttestation> Attestations { get; init; }
}
