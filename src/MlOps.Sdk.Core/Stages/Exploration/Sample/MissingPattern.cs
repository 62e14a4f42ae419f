using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Columns that have no value in the same rows.</summary>
/// <param name="Columns">All columns without a value; empty for rows that are complete.</param>
/// <param name="Rows">The number of rows where these columns, and no others, have no value.</param>
public sealed record MissingPattern(IReadOnlyList<string> Columns, long Rows)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
