using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Runs that were found.</summary>
/// <param name="Runs">The runs, in the order of the search.</param>
/// <param name="Next">Where the next page begins; <see langword="null"/> on the last one.</param>
internal sealed record RunList(IReadOnlyList<FoundRun> Runs, string? Next);
