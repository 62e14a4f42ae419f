using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tool;

/// <summary>What was deleted, or would be.</summary>
/// <param name="IsDryRun">Whether nothing was changed.</param>
/// <param name="Snapshots">
/// The snapshots that were released; <see langword="null"/> unless <c>--keep-runs</c> or <c>--keep-days</c> is given.
/// </param>
/// <param name="Unreferenced">The artifacts that nothing refers to.</param>
internal sealed record Garbage(bool IsDryRun, ReleasedSnapshots? Snapshots, GarbageReport Unreferenced);
