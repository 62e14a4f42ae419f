using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>A value of a metric series.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Value">The value, which may be NaN.</param>
/// <param name="Step">The place in the series: a boosting round, an epoch, a trial.</param>
/// <param name="At">When it was logged, in UTC, to about half a second: reading the clock would cost more than logging.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RunMetric(string Name, double Value, long Step, DateTimeOffset At)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
