using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>A run found by a metric.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Lifecycle">The name of the lifecycle.</param>
/// <param name="State">What has become of the run.</param>
/// <param name="StartedAt">When it began, in UTC.</param>
/// <param name="Value">The last value of the metric.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RunScore(string RunId, string Lifecycle, RunState State, DateTimeOffset StartedAt, double Value);
