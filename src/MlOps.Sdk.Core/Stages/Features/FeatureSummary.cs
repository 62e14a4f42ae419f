using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Features;

/// <summary>What came of stage 6.</summary>
/// <param name="Slots">The features, in the order of the vector.</param>
/// <param name="Excluded">What <c>Auto()</c> left out, and why.</param>
/// <param name="Observed">Columns that are recorded and not scored.</param>
/// <param name="Inputs">The columns of a raw row that serving needs.</param>
public sealed record FeatureSummary(
    IReadOnlyList<FeatureSlot> Slots,
    IReadOnlyList<FeatureExclusion> Excluded,
    IReadOnlyList<string> Observed,
    IReadOnlyList<string> Inputs)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
