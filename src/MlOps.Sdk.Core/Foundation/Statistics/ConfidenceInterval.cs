using System.Text.Json.Serialization;

namespace MlOps.Sdk.Statistics;

/// <summary>A confidence interval.</summary>
/// <param name="Lower">The lower bound; NaN when undefined.</param>
/// <param name="Upper">The upper bound; NaN when undefined.</param>
/// <param name="Level">The confidence, between 0 and 1, for example 0.95.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct ConfidenceInterval(double Lower, double Upper, double Level)
{
    /// <summary>Whether the interval contains a value, bounds included.</summary>
    /// <param name="value">The value.</param>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}
