using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>A measurement and what it means.</summary>
/// <param name="Monitor">The monitor's name.</param>
/// <param name="Measurement">What was measured.</param>
/// <param name="AdjustedPValue">
/// The p-value after correction over all measurements of the signal; <see langword="null"/> when the statistic has none.
/// </param>
/// <param name="Verdict">What it means.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record MonitoringFinding(string Monitor, Measurement Measurement, double? AdjustedPValue, MonitoringVerdict Verdict)
{
    /// <summary>The verdict and the measurement in a line.</summary>
    public override string ToString() => $"{Verdict}: {Measurement}";
}
