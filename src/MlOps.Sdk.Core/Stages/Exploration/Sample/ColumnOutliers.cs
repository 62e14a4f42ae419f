using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// Values of a numeric column that are far from its middle: a robust z beyond ±3.5. A column of which more than a tenth would be
/// so has several heaps, and none.
/// </summary>
/// <param name="Column">The column.</param>
/// <param name="Count">The number of such values.</param>
/// <param name="Share">Their share of the values.</param>
/// <param name="Median">The median of the column.</param>
/// <param name="Scale">The median absolute deviation times 1.4826.</param>
/// <param name="Farthest">The value that is farthest from the median.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ColumnOutliers(string Column, int Count, double Share, double Median, double Scale, double Farthest);
