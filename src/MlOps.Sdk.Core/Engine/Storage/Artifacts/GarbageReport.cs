using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Storage;

/// <summary>What garbage collection removed, or would remove.</summary>
/// <param name="Artifacts">The artifacts that nothing refers to.</param>
/// <param name="IsDryRun">Whether they were only listed.</param>
public sealed record GarbageReport(IReadOnlyList<ArtifactInfo> Artifacts, bool IsDryRun)
{
    /// <summary>Their size together, in bytes.</summary>
    public long TotalSize => Artifacts.Sum(artifact => artifact.Size);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
