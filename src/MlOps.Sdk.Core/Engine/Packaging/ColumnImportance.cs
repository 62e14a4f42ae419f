using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>How much a model relies on a column.</summary>
/// <param name="Column">The column of the raw rows.</param>
/// <param name="Importance">
/// How far the metric gets worse, on its own scale, when the column's values are shuffled among the rows: the mean over the shuffles. About
/// 0 for a column that the model does not use; below 0 where it would do better without.
/// </param>
/// <param name="Lower">The lower bound of the 95 % interval of that mean over shuffles.</param>
/// <param name="Upper">The upper bound.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ColumnImportance(string Column, double Importance, double Lower, double Upper);
