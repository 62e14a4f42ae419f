using MlOps.Sdk.Features;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>Rows by which a trainer may see when to stop. They are not learned from.</summary>
/// <param name="Features">Their features.</param>
/// <param name="Labels">Their labels.</param>
/// <param name="Weights">Their weights; empty when all rows weigh the same.</param>
public sealed record ValidationRows(FeatureMatrix Features, ReadOnlyMemory<double> Labels, ReadOnlyMemory<double> Weights)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
