using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// An evaluation in a few hundred numbers, for charts and tables: curves, confusions, calibration, residuals, rates of groups. It holds
/// counts and means, never the values of a row. Where rows have weights, rates, means and curves are weighted, and counts are of rows.
/// Immutable.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record EvaluationSummary
{
    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Whether some rows count more than others.</summary>
    public required bool IsWeighted { get; init; }

    /// <summary>The score from which a binary classifier decides positive; <see langword="null"/> for other tasks.</summary>
    public required double? Threshold { get; init; }

    /// <summary>
    /// How well each class is found, in the order of the classes (binary: negative, positive); of more than 30 classes the 30 with most
    /// rows. Empty for regression.
    /// </summary>
    public required IReadOnlyList<ClassRates> Classes { get; init; }

    /// <summary>
    /// The confusion matrix as counts of rows, a list for each true class with a count for each decision, in the order of
    /// <see cref="Classes"/>. Empty for regression and for more than 30 classes.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; }

    /// <summary>
    /// The ROC curve of a binary classifier, from (0, 0) to (1, 1): X is the false positive rate, Y the true positive rate. At most 200
    /// points; straight lines join them. Empty when a class has no row.
    /// </summary>
    public required IReadOnlyList<CurvePoint> Roc { get; init; }

    /// <summary>
    /// The precision–recall curve of a binary classifier, by ascending recall: X is the recall, Y the precision at the first score that
    /// reaches it. At most 200 points. Empty when no row is positive.
    /// </summary>
    public required IReadOnlyList<CurvePoint> PrecisionRecall { get; init; }

    /// <summary>
    /// Probabilities against what occurred, in ten bins of equal width; bins without rows are left out. Binary: of the positive class;
    /// multiclass: of the class that was decided. Empty for regression and where scores are not probabilities.
    /// </summary>
    public required IReadOnlyList<CalibrationBin> Calibration { get; init; }

    /// <summary>
    /// The errors of a regression by predicted value, in up to 20 bins of as many rows each, at least 20. Empty for other tasks and for
    /// fewer than 20 rows.
    /// </summary>
    public required IReadOnlyList<ResidualBin> Residuals { get; init; }

    /// <summary>How a binary classifier treats the groups of each protected attribute. Empty where there is none.</summary>
    public required IReadOnlyList<AttributeRates> Attributes { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
