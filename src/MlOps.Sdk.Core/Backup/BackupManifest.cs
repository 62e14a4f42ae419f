using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The file that makes a folder a backup: what is in it, and how to recognize it. Written last.</summary>
internal sealed record BackupManifest
{
    public const string FileName = "backup.json";
    public const string DatabaseName = "mlops.db";
    public const string ArtifactsName = "artifacts";
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    public required string Workspace { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Library { get; init; }

    public required BackedUpFile Database { get; init; }

    public required long AuditEntries { get; init; }

    public required string AuditHead { get; init; }

    public required IReadOnlyList<BackedUpArtifact> Artifacts { get; init; }

    public required IReadOnlyList<LostArtifact> Lost { get; init; }

    /// <summary>Where an artifact is, below the folder.</summary>
    public static string PathOf(string folder, ArtifactId id) => Path.Combine(folder, ArtifactsName, id.Hex[..2], id.Hex[2..]);

    public BackupReport ToReport(string path) => new()
    {
        Path = path,
        WorkspaceId = Workspace,
        CreatedAt = CreatedAt,
        Artifacts = Artifacts.Count,
        TotalSize = TotalSize,
        AuditEntries = AuditEntries,
        AuditHead = AuditHead,
        Lost = Lost,
    };

    public long TotalSize => Database.Size + Artifacts.Sum(artifact => artifact.Size);
}
