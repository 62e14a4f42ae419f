using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>What a backup holds.</summary>
public sealed record BackupReport
{
    /// <summary>The folder of the backup; of a restoration, that of the workspace.</summary>
    public required string Path { get; init; }

    /// <summary>The id of the workspace.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>When the database was copied, in UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many artifacts it holds.</summary>
    public required int Artifacts { get; init; }

    /// <summary>The size of the database and the artifacts, in bytes.</summary>
    public required long TotalSize { get; init; }

    /// <summary>How many entries the audit log has.</summary>
    public required long AuditEntries { get; init; }

    /// <summary>
    /// The hash of the last entry of the audit log. Kept elsewhere, it proves later that the backup is this one:
    /// <see cref="RestoreOptions.KnownAuditHead"/>. Empty for an empty log.
    /// </summary>
    public required string AuditHead { get; init; }

    /// <summary>
    /// What the workspace had lost before: artifacts that the database refers to, and that were missing or damaged. Usually empty.
    /// </summary>
    public required IReadOnlyList<LostArtifact> Lost { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
