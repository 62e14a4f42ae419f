using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Metrics of predicted numbers; each equals its namesake in scikit-learn, also with weights, which are its <c>sample_weight</c>. All are
/// NaN without rows. Thread-safe.
/// </summary>
public static class RegressionMetrics
{
    /// <summary>The root of the mean squared error, in the label's unit.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Rmse(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<double> weights = default) =>
        Math.Sqrt(RowLosses.Mean(RowLosses.Squared(labels, predictions), MetricInput.Weights(labels.Length, weights)));

    /// <summary>The mean absolute error, in the label's unit.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Mae(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Absolute(labels, predictions), MetricInput.Weights(labels.Length, weights));

    /// <summary>
    /// The share of the label's variance that is explained, at most 1. NaN when the labels are constant (scikit-learn says 1 or 0 there).
    /// </summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double R2(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<double> weights = default)
    {
        var errors = RowLosses.Squared(labels, predictions);
        weights = MetricInput.Weights(labels.Length, weights);
        if (labels.Length < 2 || Samples.IsConstant(labels)) return double.NaN;
        return weights.IsEmpty
            ? 1 - errors.Sum() / Samples.SquaredDeviations(labels, Samples.Mean(labels))
            : 1 - Sum(errors, weights) / SquaredDeviations(labels, RowLosses.Mean(labels, weights), weights);
    }

    /// <summary>
    /// The median of the absolute errors, in the label's unit. Weighted, it is the error with half of the weight on either side, or the
    /// mean of two (scikit-learn before 1.7 takes the smaller of the two).
    /// </summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double MedianAbsoluteError(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<double> weights = default)
    {
        var sizes = RowLosses.Absolute(labels, predictions);
        weights = MetricInput.Weights(labels.Length, weights);
        if (sizes.Length == 0) return double.NaN;
        return weights.IsEmpty ? Quantiles.Median(sizes) : Quantiles.Median(sizes, weights);
    }

    /// <summary>The mean of |error|/|label|, as a share (1 is 100 %). A label of 0 counts as 2⁻⁵², so the result is huge then.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Mape(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<double> weights = default) =>
        RowLosses.Mean(RowLosses.Relative(labels, predictions), MetricInput.Weights(labels.Length, weights));

    private static double Sum(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++) sum += weights[i] * values[i];
        return sum;
    }

    private static double SquaredDeviations(ReadOnlySpan<double> values, double mean, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++) sum += weights[i] * ((values[i] - mean) * (values[i] - mean));
        return sum;
    }
}
