using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Runs that were found.</summary>
/// <param name="Runs">The runs, in the order of the search.</param>
/// <param name="Next">
/// Where the next page begins; <see langword="null"/> when there is none. Runs that are added later shift nothing.
/// </param>
public sealed record RunPage(IReadOnlyList<FoundRun> Runs, string? Next)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
