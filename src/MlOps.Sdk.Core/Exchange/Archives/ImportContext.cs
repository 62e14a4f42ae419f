using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>What the parts of an import share. Not thread-safe.</summary>
internal sealed record ImportContext(Workspace Workspace, ArchiveReader Archive, bool IsDryRun)
{
    public ArtifactReferences References { get; } = new(Workspace.Store);

    public List<ImportConflict> Conflicts { get; } = [];

    /// <summary>The artifacts that were added.</summary>
    public HashSet<ArtifactId> Added { get; } = [];

    public void Report(string subject, string problem) => Conflicts.Add(new ImportConflict(subject, problem));
}
