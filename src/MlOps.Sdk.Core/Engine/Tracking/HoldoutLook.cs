using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>A look at rows that are sealed from training.</summary>
/// <param name="Sequence">Its place in the ledger.</param>
/// <param name="Lifecycle">The lifecycle whose holdout it is.</param>
/// <param name="RunId">The run that looked.</param>
/// <param name="Purpose">What for.</param>
/// <param name="RowsHash">Which rows, as a hash over them.</param>
/// <param name="RowCount">How many rows.</param>
/// <param name="At">When, in UTC.</param>
public sealed record HoldoutLook(
    long Sequence, string Lifecycle, string RunId, string Purpose, string RowsHash, long RowCount, DateTimeOffset At)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
