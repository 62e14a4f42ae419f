using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>How much better a challenger is than the champion on the same rows. Immutable.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Champion">The champion's value.</param>
/// <param name="Challenger">The challenger's value.</param>
/// <param name="Improvement">
/// How much better the challenger is, positive when it is, whatever the metric's direction; NaN when undefined.
/// </param>
/// <param name="Lower">The lower bound of the interval of the improvement; NaN when undefined.</param>
/// <param name="Upper">The upper bound; NaN when undefined.</param>
/// <param name="Level">The confidence of the interval.</param>
/// <param name="PValue">The two-sided p-value of no difference; NaN when undefined.</param>
/// <param name="Method">How interval and p-value were computed.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record MetricDifference(
    string Metric,
    MetricValue Champion,
    MetricValue Challenger,
    double Improvement,
    double Lower,
    double Upper,
    double Level,
    double PValue,
    string Method);
