using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Confidence intervals of metrics. Thread-safe.</summary>
public static class MetricIntervals
{
    /// <summary>
    /// The metric with its interval, by the method that holds its coverage in simulations (docs/benchmarks/coverage.md): DeLong's variance
    /// and that of the jackknife on the logit scale for the binary ROC area and average precision; Wilson's limits for accuracy, selection
    /// rates and binary precision, recall and F1, and their combination for balanced accuracy and gaps between groups; the studentized
    /// bootstrap of logarithms for means of losses, their roots, and R²; inverted tests for the calibration error; else the percentile
    /// bootstrap over rows. An interval that the metric itself computes is kept. An undefined metric has none.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A largest difference between groups is never smaller than 0, a smallest ratio never larger than 1, and chance alone moves both away
    /// from there; resampling keeps that bias. Their intervals invert tests of the signed differences, so that they include 0, or 1, where
    /// the rows do not exclude that all groups are treated alike: of two groups by Newcombe (1998), of more with a correction for the
    /// choice of the pair on the side of equality. The other bound is that of the farthest pair.
    /// </para>
    /// <para>
    /// A calibration error is moved up by chance in the same way, so that its interval may lie below the value: a perfectly calibrated
    /// model has a value of about 0.1 over 100 rows, and an interval from 0.
    /// </para>
    /// <para>
    /// At a binary ROC area of 0 or 1, DeLong's variance is 0, however few the rows. There the bound is that of Clopper and Pearson (1934)
    /// for m successes in m trials, (α/2)^(1/m), where m is the number of rows of the smaller class: m pairs of a positive and a negative
    /// row that share no row are independent, and each is ranked right with a probability of at most the area. At 95 % and m = 100 the
    /// lower bound of an area of 1 is 0.964. An average precision of 1 has a bound from the same limits of both classes.
    /// </para>
    /// <para>
    /// Where the rows tell nothing about the spread (one row, one row of a class, a metric that is undefined in half of the resamples), the
    /// interval of a built-in metric is all that it can be, for example 0 to 1.
    /// </para>
    /// <para>
    /// Where some rows count more than others, the bootstrap takes the place of DeLong and of the jackknife; each drawn row keeps its
    /// weight. Wilson's limits, tests of calibration, and the bound of an area of 0 or 1, are then those of the effective number of rows:
    /// that of the variance of the weighted share (Korn and Graubard 1998), or (Σw)²/Σw² (Kish 1965) where all rows agree, and for
    /// calibration. Equal weights change nothing.
    /// </para>
    /// </remarks>
    /// <param name="metric">The metric.</param>
    /// <param name="evaluation">Labels and predictions.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <param name="resamples">The number of bootstrap resamples. Default: 500.</param>
    /// <param name="seed">The seed of the bootstrap. Default: 0.</param>
    /// <exception cref="MlOpsException">There are weights, but not one per row.</exception>
    public static MetricValue Compute(IMetric metric, Evaluation evaluation, double level = 0.95, int resamples = 500, int seed = 0)
    {
        Samples.RequireProbability(level, nameof(level));
        evaluation.RequireWeightPerRow();
        var value = metric.Compute(evaluation);
        if (!value.IsDefined || value.HasInterval) return value;
        var interval = (metric as BuiltInMetric)?.Uncertainty?.Interval(evaluation, new ResamplingPlan(level, resamples, seed))
            ?? Bootstrap(metric, evaluation, level, resamples, seed);
        return metric is BuiltInMetric builtIn && (double.IsNaN(interval.Lower) || double.IsNaN(interval.Upper))
            ? value with { Lower = builtIn.Least, Upper = builtIn.Most }
            : value with { Lower = interval.Lower, Upper = interval.Upper };
    }

    /// <summary>The evaluation without groups that the metric does not read: text is dear to resample.</summary>
    internal static Evaluation Needed(IMetric metric, Evaluation evaluation) =>
        metric.Needs.HasFlag(MetricNeeds.Groups) || evaluation.Groups.Count == 0
            ? evaluation
            : new Evaluation
            {
                Task = evaluation.Task, Labels = evaluation.Labels, Scores = evaluation.Scores, ClassCount = evaluation.ClassCount,
                Threshold = evaluation.Threshold, Weights = evaluation.Weights, Classes = evaluation.Classes
            };

    private static ConfidenceInterval Bootstrap(IMetric metric, Evaluation evaluation, double level, int resamples, int seed)
    {
        var needed = Needed(metric, evaluation);
        return Intervals.Bootstrap(needed.RowCount, rows => metric.Compute(needed.Take(rows.Span)).Value, level, resamples, seed);
    }
}
