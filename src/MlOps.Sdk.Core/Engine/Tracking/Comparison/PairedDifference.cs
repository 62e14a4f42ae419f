using System.Globalization;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>How much better the model of a run is than that of another, on the same rows of the holdout.</summary>
/// <remarks>
/// The interval is that of one comparison. Who compares many runs, and takes the best, sees a difference above 0 by chance more often than
/// its level says.
/// </remarks>
/// <param name="Metric">The metric.</param>
/// <param name="IsOptimized">Whether it is the one that the run optimized.</param>
/// <param name="Reference">The id of the run that is compared with.</param>
/// <param name="Run">The id of the run.</param>
/// <param name="ReferenceValue">The metric of the reference.</param>
/// <param name="Value">The metric of the run.</param>
/// <param name="Improvement">How much better the run is, positive when it is, whatever the metric's direction; NaN when undefined.</param>
/// <param name="Lower">The lower bound of the improvement's interval; NaN when undefined.</param>
/// <param name="Upper">The upper bound; NaN when undefined.</param>
/// <param name="Level">The confidence of the interval.</param>
/// <param name="PValue">The two-sided p-value of no difference; NaN when undefined.</param>
/// <param name="Rows">How many rows both were evaluated on.</param>
/// <param name="Method">How interval and p-value were computed.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PairedDifference(
    string Metric,
    bool IsOptimized,
    string Reference,
    string Run,
    double ReferenceValue,
    double Value,
    double Improvement,
    double Lower,
    double Upper,
    double Level,
    double PValue,
    int Rows,
    string Method)
{
    /// <summary>The difference in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Metric} of {Run}: {Value:0.####} against {ReferenceValue:0.####} of {Reference}, better by {Improvement:0.####} " +
            $"({100 * Level:0.##} % interval {Lower:0.####} to {Upper:0.####}, p = {PValue:0.###}, {Method}) on {Rows:N0} rows");
}
