using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk;

/// <summary>
/// The built-in metrics. Those of classification work for two and for several classes; for several, areas, precision, recall and F1 are
/// means over the classes. Each equals its namesake in scikit-learn, but is undefined where scikit-learn substitutes 0. All read weights,
/// as <c>sample_weight</c> there. Thread-safe.
/// </summary>
public static class Metric
{
    private const int CalibrationBins = 10;
    private const string OneClass = "The labels do not contain every class.";

    /// <summary>
    /// <c>roc_auc</c>: the area under the ROC curve; for several classes the mean of each against the rest. Higher is better.
    /// </summary>
    public static IMetric RocAuc { get; } = BuiltInMetric.OfScores("roc_auc", Direction.Up,
        e => ClassificationMetrics.RocAuc(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        e => ClassificationMetrics.RocAuc(e.Labels.Span, e.Scores.Span, e.ClassCount, e.Weights.Span),
        OneClass,
        new AreaUncertainty());

    /// <summary><c>pr_auc</c>: the average precision, the area under the precision–recall curve. Higher is better.</summary>
    public static IMetric PrAuc { get; } = BuiltInMetric.OfScores("pr_auc", Direction.Up,
        e => ClassificationMetrics.AveragePrecision(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        e => ClassificationMetrics.AveragePrecision(e.Labels.Span, e.Scores.Span, e.ClassCount, e.Weights.Span),
        "There are no positive rows.",
        new PrecisionUncertainty());

    /// <summary><c>log_loss</c>: the mean negative log-likelihood in nats. Lower is better.</summary>
    public static IMetric LogLoss { get; } = BuiltInMetric.OfScores("log_loss", Direction.Down,
        e => ClassificationMetrics.LogLoss(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        e => ClassificationMetrics.LogLoss(e.Labels.Span, e.Scores.Span, e.ClassCount, e.Weights.Span),
        OneClass,
        new LossUncertainty(e => e.Task == TaskKind.BinaryClassification
            ? RowLosses.Log(e.Labels.Span, e.Scores.Span)
            : RowLosses.Log(e.Labels.Span, e.Scores.Span, e.ClassCount)),
        most: double.PositiveInfinity);

    /// <summary>
    /// <c>brier</c>: the mean squared error of the probabilities (for several classes summed over them). Lower is better.
    /// </summary>
    public static IMetric Brier { get; } = BuiltInMetric.OfScores("brier", Direction.Down,
        e => ClassificationMetrics.Brier(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        e => ClassificationMetrics.Brier(e.Labels.Span, e.Scores.Span, e.ClassCount, e.Weights.Span),
        OneClass,
        new LossUncertainty(e => e.Task == TaskKind.BinaryClassification
            ? RowLosses.Brier(e.Labels.Span, e.Scores.Span)
            : RowLosses.Brier(e.Labels.Span, e.Scores.Span, e.ClassCount)),
        most: 2);

    /// <summary>
    /// <c>calibration_error</c>: the expected calibration error over 10 bins; for several classes that of the
    /// decided class. Lower is better.
    /// </summary>
    public static IMetric CalibrationError { get; } = BuiltInMetric.OfScores("calibration_error", Direction.Down,
        e => ClassificationMetrics.CalibrationError(e.Labels.Span, e.Scores.Span, CalibrationBins, e.Weights.Span),
        e =>
        {
            var (right, confidence) = e.Confidence();
            return ClassificationMetrics.CalibrationError(right, confidence, CalibrationBins, e.Weights.Span);
        },
        OneClass,
        new CalibrationUncertainty(CalibrationBins));

    /// <summary><c>accuracy</c>: the share of right decisions. Higher is better.</summary>
    public static IMetric Accuracy { get; } = BuiltInMetric.OfDecisions(
        "accuracy", m => m.Accuracy, m => m.Accuracy, OneClass, ShareUncertainty.Accuracy);

    /// <summary><c>balanced_accuracy</c>: the mean recall of the classes. Higher is better.</summary>
    public static IMetric BalancedAccuracy { get; } = BuiltInMetric.OfDecisions(
        "balanced_accuracy", m => m.BalancedAccuracy, m => m.BalancedAccuracy, OneClass,
        new CellUncertainty(m => m.BalancedAccuracy, new BalancedUncertainty()));

    /// <summary><c>precision</c>: the share of the positive decisions that are right. Higher is better.</summary>
    public static IMetric Precision { get; } = BuiltInMetric.OfDecisions(
        "precision", m => m.Precision(1), m => m.MacroPrecision, "There are no positive decisions.",
        new CellUncertainty(m => m.Precision(1), ShareUncertainty.Precision));

    /// <summary><c>recall</c>: the share of the positive rows that were found. Higher is better.</summary>
    public static IMetric Recall { get; } = BuiltInMetric.OfDecisions(
        "recall", m => m.Recall(1), m => m.MacroRecall, "There are no positive rows.",
        new CellUncertainty(m => m.Recall(1), ShareUncertainty.Recall));

    /// <summary><c>f1</c>: the harmonic mean of precision and recall. Higher is better.</summary>
    public static IMetric F1 { get; } = BuiltInMetric.OfDecisions(
        "f1", m => m.F1(1), m => m.MacroF1, "There are no positive rows and no positive decisions.",
        new CellUncertainty(m => m.F1(1), ShareUncertainty.F1));

    /// <summary><c>mcc</c>: Matthews's correlation coefficient, −1 to 1. Higher is better.</summary>
    public static IMetric Mcc { get; } = BuiltInMetric.OfDecisions(
        "mcc", m => m.Mcc, m => m.Mcc, "Labels or decisions are all of one class.",
        new CellUncertainty(m => m.Mcc), least: -1);

    /// <summary><c>rmse</c>: the root of the mean squared error, in the label's unit. Lower is better.</summary>
    public static IMetric Rmse { get; } = BuiltInMetric.OfNumbers(
        "rmse",
        Direction.Down,
        e => RegressionMetrics.Rmse(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        "There are no rows.",
        new LossUncertainty(e => RowLosses.Squared(e.Labels.Span, e.Scores.Span), isRoot: true));

    /// <summary><c>mae</c>: the mean absolute error, in the label's unit. Lower is better.</summary>
    public static IMetric Mae { get; } = BuiltInMetric.OfNumbers(
        "mae",
        Direction.Down,
        e => RegressionMetrics.Mae(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        "There are no rows.",
        new LossUncertainty(e => RowLosses.Absolute(e.Labels.Span, e.Scores.Span)));

    /// <summary><c>median_absolute_error</c>: the median of the absolute errors, in the label's unit. Lower is better.</summary>
    public static IMetric MedianAbsoluteError { get; } = BuiltInMetric.OfNumbers(
        "median_absolute_error",
        Direction.Down,
        e => RegressionMetrics.MedianAbsoluteError(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        "There are no rows.");

    /// <summary><c>mape</c>: the mean absolute error as a share of the label. Lower is better.</summary>
    public static IMetric Mape { get; } = BuiltInMetric.OfNumbers(
        "mape",
        Direction.Down,
        e => RegressionMetrics.Mape(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        "There are no rows.",
        new LossUncertainty(e => RowLosses.Relative(e.Labels.Span, e.Scores.Span)));

    /// <summary><c>r2</c>: the share of the label's variance that is explained. Higher is better.</summary>
    public static IMetric R2 { get; } = BuiltInMetric.OfNumbers(
        "r2",
        Direction.Up,
        e => RegressionMetrics.R2(e.Labels.Span, e.Scores.Span, e.Weights.Span),
        "The labels are constant.",
        new LossUncertainty(e => RowLosses.Squared(e.Labels.Span, e.Scores.Span), isExplained: true),
        least: double.NegativeInfinity,
        most: 1);

    /// <summary>The metric of a name; <see langword="null"/> where none of these has it.</summary>
    internal static IMetric? Find(string name) => ((IMetric[])
    [
        RocAuc, PrAuc, LogLoss, Brier, CalibrationError, Accuracy, BalancedAccuracy, Precision, Recall, F1, Mcc, Rmse, Mae,
        MedianAbsoluteError, Mape, R2,
    ]).FirstOrDefault(metric => metric.Name == name);
}
