using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>What was exported into an archive.</summary>
public sealed record ArchiveReport
{
    /// <summary>How many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>How many versions of models.</summary>
    public required int Versions { get; init; }

    /// <summary>How many of these versions were deleted: their records are in the archive, their packages are not.</summary>
    public required int DeletedVersions { get; init; }

    /// <summary>How many entries of the audit log.</summary>
    public required long AuditEntries { get; init; }

    /// <summary>How many artifacts.</summary>
    public required int Artifacts { get; init; }

    /// <summary>
    /// How many artifacts were left out: of runs whose snapshots were released, and packages of deleted versions. The runs are in the
    /// archive without them.
    /// </summary>
    public required int ReleasedArtifacts { get; init; }

    /// <summary>The runs that are in progress, and were left out.</summary>
    public required IReadOnlyList<string> InProgress { get; init; }

    /// <summary>The SHA-256 of the manifest, which names every entry with its own: lower-case hexadecimal digits.</summary>
    public required string ManifestHash { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
