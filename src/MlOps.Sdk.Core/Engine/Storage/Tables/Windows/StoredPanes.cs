namespace MlOps.Sdk.Storage;

/// <summary>What became of the parts that a process stored, and what it is to know.</summary>
/// <param name="Panes">Per part its number, and whether the whole of it was stored, or only what is new.</param>
/// <param name="Windows">The windows that are declared now.</param>
/// <param name="Newest">The latest event time of all processes, in ticks.</param>
internal sealed record StoredPanes(IReadOnlyList<(long No, bool IsWhole)> Panes, string? Windows, long? Newest);
