using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>A point of a curve.</summary>
/// <param name="X">Along, 0 to 1.</param>
/// <param name="Y">Up, 0 to 1.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record CurvePoint(double X, double Y);
