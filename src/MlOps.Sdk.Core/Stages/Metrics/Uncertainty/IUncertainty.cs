using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>How sure a built-in metric is of its value, where there is something better than drawing rows. Thread-safe.</summary>
internal interface IUncertainty
{
    /// <summary>The interval of a defined value; <see langword="null"/> where the percentile bootstrap is to make it.</summary>
    ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan);

    /// <summary>
    /// By how much the challenger is better, positive when it is; <see langword="null"/> where the paired bootstrap is to tell.
    /// </summary>
    MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan) => null;
}
