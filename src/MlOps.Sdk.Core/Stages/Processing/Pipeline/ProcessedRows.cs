using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Processing;

/// <summary>What steps and expectations made of rows. Immutable.</summary>
/// <param name="Rows">The rows after the last step.</param>
/// <param name="Quarantined">
/// The rows that an expectation quarantined, as they were at its place among the steps; an entry for each expectation that quarantined any.
/// </param>
/// <param name="Expectations">The results of the expectations, in order.</param>
public sealed record ProcessedRows(Dataset Rows, IReadOnlyList<QuarantinedRows> Quarantined, IReadOnlyList<ExpectationResult> Expectations)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
