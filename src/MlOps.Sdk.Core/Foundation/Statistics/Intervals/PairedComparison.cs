using System.Text.Json.Serialization;

namespace MlOps.Sdk.Statistics;

/// <summary>The difference of two statistics on the same rows, second minus first.</summary>
/// <param name="Difference">The difference; NaN when undefined.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Z">The difference in standard errors; NaN where no normal statistic is used.</param>
/// <param name="PValue">The two-sided p-value.</param>
/// <param name="Interval">The confidence interval of the difference.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct PairedComparison(
    double Difference, double StandardError, double Z, double PValue, ConfidenceInterval Interval);
