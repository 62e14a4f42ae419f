using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>A run that keeps its snapshots, and why.</summary>
/// <param name="Run">The run.</param>
/// <param name="Lifecycle">The name of its lifecycle.</param>
/// <param name="Reasons">Why, each in a sentence.</param>
/// <param name="Size">The size of its snapshots in bytes; other runs may have the same ones.</param>
public sealed record KeptSnapshots(string Run, string Lifecycle, IReadOnlyList<string> Reasons, long Size)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
