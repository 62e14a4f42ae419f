using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>What a package says of the holdout.</summary>
internal static class HoldoutFacts
{
    /// <summary>The facts with the metrics of the holdout, and the mean absolute error of a regression where it is finite.</summary>
    public static RunFacts With(this RunFacts facts, IReadOnlyDictionary<string, MetricValue> measured, Evaluation holdout)
    {
        var error = holdout.Task == TaskKind.Regression ? Metric.Mae.Compute(holdout).Value : double.NaN;
        return facts with { Metrics = measured, MeanAbsoluteError = double.IsFinite(error) ? error : null };
    }
}
