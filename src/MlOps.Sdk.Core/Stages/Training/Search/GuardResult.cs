using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>How a trial stands to a guard.</summary>
/// <param name="Metric">The guard's metric.</param>
/// <param name="Passed">
/// Whether the limits are kept; <see langword="null"/> when the metric is undefined and the guard does not apply.
/// </param>
/// <param name="Value">The metric over all out-of-fold scores; NaN when undefined.</param>
/// <param name="Reason">The comparison in words.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record GuardResult(string Metric, bool? Passed, double Value, string Reason);
