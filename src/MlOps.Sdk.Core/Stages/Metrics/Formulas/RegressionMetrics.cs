using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Metrics of predicted numbers; each equals its namesake in scikit-learn. All are NaN without rows. Thread-safe.</summary>
public static class RegressionMetrics
{
    /// <summary>The root of the mean squared error, in the label's unit.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Rmse(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var errors = Errors(labels, predictions);
        return Math.Sqrt(errors.Sum(error => error * error) / errors.Length);
    }

    /// <summary>The mean absolute error, in the label's unit.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Mae(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var errors = Errors(labels, predictions);
        return errors.Sum(Math.Abs) / errors.Length;
    }

    /// <summary>
    /// The share of the label's variance that is explained, at most 1. NaN when the labels are constant (scikit-learn says 1 or 0 there).
    /// </summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double R2(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var errors = Errors(labels, predictions);
        if (labels.Length < 2 || Samples.IsConstant(labels)) return double.NaN;
        return 1 - errors.Sum(error => error * error) / Samples.SquaredDeviations(labels, Samples.Mean(labels));
    }

    /// <summary>The median of the absolute errors, in the label's unit.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double MedianAbsoluteError(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var errors = Errors(labels, predictions);
        return errors.Length == 0 ? double.NaN : Quantiles.Median(Array.ConvertAll(errors, Math.Abs));
    }

    /// <summary>The mean of |error|/|label|, as a share (1 is 100 %). A label of 0 counts as 2⁻⁵², so the result is huge then.</summary>
    /// <param name="labels">The true number per row.</param>
    /// <param name="predictions">The predicted number per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Mape(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var errors = Errors(labels, predictions);
        var sum = 0.0;
        for (var i = 0; i < errors.Length; i++) sum += Math.Abs(errors[i]) / Math.Max(Math.Abs(labels[i]), Math.ScaleB(1, -52));
        return sum / errors.Length;
    }

    private static double[] Errors(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        MetricInput.RequirePaired(labels.Length, predictions.Length, nameof(predictions));
        MetricInput.RequireNumbers(labels, nameof(labels));
        MetricInput.RequireNumbers(predictions, nameof(predictions));
        var errors = new double[labels.Length];
        for (var i = 0; i < errors.Length; i++) errors[i] = predictions[i] - labels[i];
        return errors;
    }
}
