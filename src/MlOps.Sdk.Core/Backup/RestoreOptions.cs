using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>How a backup is restored.</summary>
public sealed record RestoreOptions
{
    /// <summary>
    /// Where the artifacts are put, for a workspace that keeps them elsewhere (<see cref="WorkspaceOptions.Artifacts"/>). Default:
    /// <see langword="null"/>, in the folder of the workspace.
    /// </summary>
    public IArtifactStore? Artifacts { get; init; }

    /// <summary>
    /// A hash of the audit log that was kept outside of the workspace, such as <see cref="BackupReport.AuditHead"/>: the log of the backup
    /// must have it. Default: <see langword="null"/>, none.
    /// </summary>
    public string? KnownAuditHead { get; init; }
}
