using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Monitoring;

/// <summary>A metric of one version on the holdout that it was released with.</summary>
/// <param name="Version">The version.</param>
/// <param name="Metric">The name of the metric.</param>
/// <param name="Value">The value with its 95 % interval.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record HoldoutValue(int Version, string Metric, MetricValue Value)
{
    /// <summary>The value in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"version {Version}: {Metric} {Value} on the holdout");
}
