using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// Rows that are far from the others in several numeric columns together: their squared Mahalanobis distance exceeds the 99.9 % quantile of
/// χ². Values are robustly scaled, and mean and covariance are those of values cut off at ±3.5, so that outliers do not hide each other. Of
/// normal columns, about one row in a thousand exceeds it.
/// </summary>
/// <param name="Columns">
/// The columns; those that are like another, mostly one value, or missing in more than 20 % of the rows are left out.
/// </param>
/// <param name="Rows">The rows with all these values.</param>
/// <param name="Count">How many of them are far.</param>
/// <param name="Threshold">The squared distance from which on a row is far.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RowOutliers(IReadOnlyList<string> Columns, int Rows, int Count, double Threshold)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
