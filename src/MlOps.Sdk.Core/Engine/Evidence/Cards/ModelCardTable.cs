using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Recorded facts of a model card that make a table.</summary>
/// <param name="Columns">The headings.</param>
/// <param name="Rows">The rows, as plain text, with as many cells as there are headings.</param>
public sealed record ModelCardTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
