using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// What a second pass over the training rows gave: over a seeded sample of at most 10,000 rows, for it compares columns with columns
/// and rows with rows. Immutable.
/// </summary>
/// <param name="Rows">The rows of the sample.</param>
/// <param name="Pearson">Pearson's r of numeric columns (boolean and points in time excluded), over the rows where both are finite.</param>
/// <param name="Spearman">Spearman's ρ of the same columns.</param>
/// <param name="CramersV">Cramér's V, corrected for bias (Bergsma 2013), of text and boolean columns with at most 100 values.</param>
/// <param name="ColumnsLeftOut">
/// How many columns are in no matrix because each matrix has at most 60: those that tell most about the label.
/// </param>
/// <param name="Information">The mutual information of each column and the label, the largest first.</param>
/// <param name="MissingPatterns">
/// The 20 most frequent patterns of missing values, the most frequent first; empty when no value is missing.
/// </param>
/// <param name="Classes">
/// The classes of the label over all training rows, the most frequent first, at most 100; empty for a regression.
/// </param>
/// <param name="AlikeColumns">Columns that are equal, or have |ρ| or V of at least 0.99.</param>
/// <param name="AlikeRows">Rows that are nearly the same.</param>
/// <param name="Outliers">Columns with outliers, the largest share first; a column of which more than half is one value has none.</param>
/// <param name="RowOutliers">
/// Rows that are far from the others; <see langword="null"/> when fewer than two columns, or fewer than ten rows per column, could be used.
/// </param>
public sealed record SampleAnalysis(
    int Rows,
    PairMatrix Pearson,
    PairMatrix Spearman,
    PairMatrix CramersV,
    int ColumnsLeftOut,
    IReadOnlyList<LabelInformation> Information,
    IReadOnlyList<MissingPattern> MissingPatterns,
    IReadOnlyList<ClassShare> Classes,
    IReadOnlyList<AlikeColumns> AlikeColumns,
    AlikeRows AlikeRows,
    IReadOnlyList<ColumnOutliers> Outliers,
    RowOutliers? RowOutliers)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
