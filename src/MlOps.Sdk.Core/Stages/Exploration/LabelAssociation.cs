using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>How much a single column tells about the label.</summary>
/// <param name="Column">The column.</param>
/// <param name="Measure">
/// <c>auc</c> (area under the ROC curve of the column alone, 0.5 to 1), <c>cramers_v</c>, <c>correlation_ratio</c> (η) or
/// <c>spearman</c> (with its sign).
/// </param>
/// <param name="Value">The value of the measure; NaN when undefined.</param>
/// <param name="PValue">The p-value of no association; NaN when there is none.</param>
/// <param name="AdjustedPValue">The p-value after correction for the number of columns.</param>
/// <param name="Rows">The number of rows with both a value and a label.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record LabelAssociation(string Column, string Measure, double Value, double PValue, double AdjustedPValue, long Rows);
