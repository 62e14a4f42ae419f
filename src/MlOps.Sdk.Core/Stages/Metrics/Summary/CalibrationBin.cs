using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>The rows whose probability lies in one range.</summary>
/// <param name="From">The lower edge, which belongs to the bin.</param>
/// <param name="To">The upper edge, which belongs to the next bin, but 1 to the last one.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Weight">The share of all weights that the rows have, 0 to 1.</param>
/// <param name="Predicted">The mean probability.</param>
/// <param name="Observed">The share of rows for which it came true.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record CalibrationBin(double From, double To, long Rows, double Weight, double Predicted, double Observed);
