using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// A column of two tables, in the bins of the reference: deciles for numbers and times, the 50 most frequent levels for texts and booleans.
/// The last bin counts missing values.
/// </summary>
/// <param name="Name">The column.</param>
/// <param name="HasLevels">Whether bins are levels, not ranges.</param>
/// <param name="Bins">What each bin holds, in words.</param>
/// <param name="Reference">The reference's counts.</param>
/// <param name="Current">The current table's counts.</param>
public sealed record ComparedColumn(
    string Name, bool HasLevels, IReadOnlyList<string> Bins, IReadOnlyList<long> Reference, IReadOnlyList<long> Current)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
