using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>A metric and the bound that it must keep.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="AtLeast">The lower bound; <see langword="null"/> for none.</param>
/// <param name="AtMost">The upper bound; <see langword="null"/> for none.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record MetricRequirement(IMetric Metric, double? AtLeast = null, double? AtMost = null)
{
    /// <summary>Whether a value keeps the bounds.</summary>
    /// <param name="value">The value; NaN keeps none.</param>
    public bool IsKeptBy(double value) =>
        !double.IsNaN(value) && (AtLeast is not { } least || value >= least) && (AtMost is not { } most || value <= most);

    /// <summary>The bounds as text, for example <c>≥ 0.8</c>.</summary>
    public string Bounds => string.Join(" and ", new[]
    {
        AtLeast is { } least ? FormattableString.Invariant($"≥ {least:0.####}") : null,
        AtMost is { } most ? FormattableString.Invariant($"≤ {most:0.####}") : null
    }.OfType<string>());
}
