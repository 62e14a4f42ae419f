using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>What an import added, what was there already, and what differs.</summary>
public sealed record ImportReport
{
    /// <summary>Whether nothing was written.</summary>
    public required bool IsDryRun { get; init; }

    /// <summary>The id of the workspace that the archive is of.</summary>
    public required string SourceWorkspace { get; init; }

    /// <summary>The SHA-256 of the manifest: <see cref="ArchiveReport.ManifestHash"/> of the export.</summary>
    public required string ManifestHash { get; init; }

    /// <summary>How many runs were added.</summary>
    public required int RunsAdded { get; init; }

    /// <summary>How many runs were there already, and are the same.</summary>
    public required int RunsKnown { get; init; }

    /// <summary>
    /// How many of these came of an archive of format 1, and got from this one what that one did not have: their logs, leaderboards,
    /// starters, and whose results they took.
    /// </summary>
    public required int RunsCompleted { get; init; }

    /// <summary>How many tags and notes were added to runs that were there already.</summary>
    public required int TagsAndNotesAdded { get; init; }

    /// <summary>The versions that were added.</summary>
    public required IReadOnlyList<ImportedVersion> Versions { get; init; }

    /// <summary>How many versions were there already: with the same content, under whatever number.</summary>
    public required int VersionsKnown { get; init; }

    /// <summary>The versions that were deleted in the other workspace, and were not registered here.</summary>
    public required IReadOnlyList<DeletedVersion> VersionsDeleted { get; init; }

    /// <summary>How many tags, descriptions and archivings of models and versions were added.</summary>
    public required int ModelChangesAdded { get; init; }

    /// <summary>How many artifacts were added.</summary>
    public required int ArtifactsAdded { get; init; }

    /// <summary>How many entries of the other audit log came with the archive, and are kept as an artifact.</summary>
    public required long AuditEntries { get; init; }

    /// <summary>
    /// What is wrong with these entries, as a sentence; <see langword="null"/> when each has the hash of its content and its predecessor.
    /// </summary>
    public required string? AuditProblem { get; init; }

    /// <summary>What the workspace has otherwise. Nothing of it was changed.</summary>
    public required IReadOnlyList<ImportConflict> Conflicts { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
