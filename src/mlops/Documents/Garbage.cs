using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tool;

/// <summary>What was deleted, or would be.</summary>
/// <param name="IsDryRun">Whether nothing was changed.</param>
/// <param name="Snapshots">The snapshots that were released; <see langword="null"/> where that was not asked for.</param>
/// <param name="Unreferenced">The artifacts that nothing refers to.</param>
internal sealed record Garbage(bool IsDryRun, ReleasedSnapshots? Snapshots, GarbageReport Unreferenced);
