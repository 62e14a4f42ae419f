namespace MlOps.Sdk;

/// <summary>What an archive holds; its last entry.</summary>
internal sealed record ArchiveManifest
{
    public const string Name = "manifest.json";
    public const string Runs = "runs.jsonl";
    public const string Versions = "versions.jsonl";
    public const string Catalog = "catalog.jsonl";
    public const string Audit = "audit.jsonl";
    public const string ArtifactFolder = "artifacts/";
    public const int CurrentFormat = 2;

    /// <summary>The first format that has the catalog.</summary>
    public const int FormatWithCatalog = 2;

    public required int Format { get; init; }

    public required string Workspace { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Library { get; init; }

    public required bool IsWholeAudit { get; init; }

    public required IReadOnlyList<ArchiveEntry> Entries { get; init; }
}
