using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The snapshots that runs released, or would release.</summary>
/// <param name="Runs">The runs whose snapshots are no longer kept for them, oldest first.</param>
/// <param name="Artifacts">The snapshots that nothing refers to any more; garbage collection removes them.</param>
/// <param name="IsDryRun">Whether nothing was changed.</param>
public sealed record ReleasedSnapshots(IReadOnlyList<string> Runs, IReadOnlyList<ArtifactInfo> Artifacts, bool IsDryRun)
{
    /// <summary>The runs that have snapshots and keep them, oldest first, and why each does.</summary>
    public IReadOnlyList<KeptSnapshots> Kept { get; init; } = [];

    /// <summary>The size of <see cref="Artifacts"/> together, in bytes.</summary>
    public long TotalSize => Artifacts.Sum(artifact => artifact.Size);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
