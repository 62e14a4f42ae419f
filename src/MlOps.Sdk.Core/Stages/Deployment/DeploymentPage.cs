using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>Writes what came of stage 8 into a page: the decision, the gates, and the holdout in numbers and charts.</summary>
internal static class DeploymentPage
{
    private const int ClassesShown = 30;

    public static void Write(HtmlPage page, DeploymentReport report)
    {
        WriteDecision(page, report);
        WriteMetrics(page, report);
        if (report.Evaluation is not { } evaluation) return;
        WriteCharts(page, evaluation);
        WriteClasses(page, evaluation);
        foreach (var attribute in evaluation.Attributes) WriteGroups(page, attribute, report.Holdout);
    }

    /// <summary>What became of the version, in a few words.</summary>
    public static (string Text, string Class) Outcome(DeploymentReport report) =>
        report.IsReplaced ? ("went live", "soft")
        : report.IsDeployed ? ("live", "good")
        : report.IsRollingOut ? ("rolling out", "good")
        : report.IsKeptBack ? ("kept back", "warn") : ("not live", "bad");

    private static void WriteDecision(HtmlPage page, DeploymentReport report)
    {
        var outcome = report.IsReplaced ? "went live" : $"is {Outcome(report).Text}";
        page.Heading("Decision").Paragraph($"Version {HtmlPage.Count(report.Version)} {outcome}: {report.Reason}");
        if (report.Comparison is { } compared)
        {
            var level = HtmlPage.Share(compared.Level);
            page.Table(
                [
                    $"{compared.Metric} on the same rows", "new#", $"version {HtmlPage.Count(compared.Champion)}#", "better by#",
                    "interval", "must exceed#",
                ],
                [
                    [
                        ($"{HtmlPage.Count(compared.Rows)} rows", null),
                        (HtmlPage.Decimals(compared.ChallengerValue), null),
                        (HtmlPage.Decimals(compared.ChampionValue), null),
                        (HtmlPage.Decimals(compared.Difference), compared.Lower > compared.Margin ? "good" : null),
                        ($"{HtmlPage.Decimals(compared.Lower)} to {HtmlPage.Decimals(compared.Upper)} ({level})", null),
                        (HtmlPage.Number(compared.Margin), null),
                    ],
                ]);
        }

        page.Heading("Gates").Table(
            ["gate", "outcome", "observed", "required", "why"],
            report.Gates.Select(gate => new[]
            {
                (gate.Name, (string?)null),
                gate.Outcome switch
                {
                    GateOutcome.Passed => ("passed", "good"),
                    GateOutcome.Failed when gate.IsPending => ("awaited", "soft"),
                    GateOutcome.Failed => ("failed", "bad"),
                    _ => ("does not apply", "soft"),
                },
                (gate.Observed, null),
                (gate.Required, null),
                (gate.Explanation, null),
            }));
    }

    private static void WriteMetrics(HtmlPage page, DeploymentReport report) => page
        .Heading("Metrics on the holdout")
        .Table(
            ["metric", "value#", "95 % interval"],
            report.Holdout.Select(metric => new[]
            {
                (metric.Key, (string?)null),
                (Value(metric.Value), null),
                (Interval(metric.Value), null),
            }));

    /// <summary>The value of a metric with the digits that people compare.</summary>
    public static string Value(MetricValue metric) => metric.IsDefined ? HtmlPage.Decimals(metric.Value) : "–";

    /// <summary>The interval of a metric, or why it has no value.</summary>
    public static string Interval(MetricValue metric) =>
        metric.Undefined ?? (metric.HasInterval ? $"{HtmlPage.Decimals(metric.Lower)} to {HtmlPage.Decimals(metric.Upper)}" : "–");

    private static void WriteCharts(HtmlPage page, EvaluationSummary evaluation)
    {
        if (evaluation.Roc.Count + evaluation.PrecisionRecall.Count + evaluation.Confusion.Count + evaluation.Calibration.Count +
            evaluation.Residuals.Count == 0) return;
        page.Heading("Errors on the holdout").BeginPlots();
        if (evaluation.Confusion.Count > 0)
        {
            var threshold = evaluation.Threshold is { } score ? $", positive from a score of {HtmlPage.Decimals(score)} on" : "";
            page.Matrix(
                "Confusion matrix",
                [.. evaluation.Classes.Select(each => each.Class)],
                evaluation.Confusion,
                $"Rows are true classes, columns decisions{threshold}. Counts of {HtmlPage.Count(evaluation.Rows)} rows.");
        }

        // The positive class is the last of two.
        var (negative, positive) = evaluation.Task == TaskKind.BinaryClassification && evaluation.Classes.Count == 2
            ? (evaluation.Classes[0], evaluation.Classes[1])
            : default;
        if (evaluation.Roc.Count > 0)
        {
            page.Card(
                "ROC curve",
                ("", null),
                Plot.Curve(
                    evaluation.Roc.Select(point => (point.X, point.Y)),
                    ((0, 0), (1, 1)),
                    positive is null ? null : (1 - negative!.Recall, positive.Recall),
                    "false positive rate",
                    "true positive rate"),
                ("positives found at the dot, the threshold", positive is null ? null : HtmlPage.Share(positive.Recall)),
                ("false alarms there", positive is null ? null : HtmlPage.Share(1 - negative!.Recall)));
        }

        if (evaluation.PrecisionRecall.Count > 0)
        {
            var last = evaluation.PrecisionRecall[^1];
            var share = positive is null ? last.Y : (double)positive.Rows / evaluation.Rows;
            page.Card(
                "Precision and recall",
                ("", null),
                Plot.Curve(
                    evaluation.PrecisionRecall.Select(point => (point.X, point.Y)),
                    ((0, share), (1, share)),
                    positive is null || double.IsNaN(positive.Precision) ? null : (positive.Recall, positive.Precision),
                    "recall",
                    "precision"),
                ("precision at the dot, the threshold", positive is null ? null : HtmlPage.Share(positive.Precision)),
                ("recall there", positive is null ? null : HtmlPage.Share(positive.Recall)));
        }

        if (evaluation.Calibration.Count > 0)
        {
            var error = evaluation.Calibration.Sum(bin => bin.Weight * Math.Abs(bin.Predicted - bin.Observed));
            page.Card(
                "Calibration",
                ("", null),
                Plot.Diagonal(
                    [
                        .. evaluation.Calibration.Select(bin => (
                            bin.Predicted,
                            bin.Observed,
                            bin.Weight,
                            $"{HtmlPage.Count(bin.Rows)} rows: predicted {HtmlPage.Share(bin.Predicted)}, " +
                                $"occurred {HtmlPage.Share(bin.Observed)}")),
                    ],
                    evaluation.Task == TaskKind.BinaryClassification ? "predicted probability" : "probability of the decision",
                    evaluation.Task == TaskKind.BinaryClassification ? "share that was positive" : "share that was right"),
                ("mean distance", HtmlPage.Share(error)));
        }

        if (evaluation.Residuals.Count > 0)
        {
            page.Card(
                "Residuals against predictions",
                ("", null),
                Plot.Band(
                    [.. evaluation.Residuals.Select(bin => (bin.Predicted, bin.Mean, bin.Lower, bin.Upper))],
                    "prediction",
                    "truth minus prediction"),
                ("line", "mean residual"),
                ("band", "the middle 80 % of the rows"));
            page.Card(
                "Size of the errors",
                ("", null),
                Chart.Bars([
                    .. evaluation.Residuals.Select(bin => (
                        $"around {Prose.Number(bin.Predicted, 4)}",
                        bin.RootMeanSquare / evaluation.Residuals.Max(other => other.RootMeanSquare),
                        Prose.Number(bin.RootMeanSquare, 3))),
                ]),
                ("bars", "root mean square error by prediction"));
        }

        page.EndCards();
    }

    private static void WriteClasses(HtmlPage page, EvaluationSummary evaluation)
    {
        if (evaluation.Classes.Count == 0) return;
        page.Heading("Classes on the holdout").Table(
            ["class", "rows#", "decided#", "precision#", "recall#", "F1#"],
            evaluation.Classes.Take(ClassesShown).Select(each => new[]
            {
                (HtmlPage.Name(each.Class), (string?)null),
                (HtmlPage.Count(each.Rows), null),
                (HtmlPage.Count(each.Decided), null),
                (HtmlPage.Share(each.Precision), null),
                (HtmlPage.Share(each.Recall), null),
                (HtmlPage.Share(each.F1), null),
            }));
        if (evaluation.Confusion.Count == 0) page.Paragraph("There are too many classes for a table of confusions.");
    }

    private static void WriteGroups(HtmlPage page, AttributeRates attribute, IReadOnlyDictionary<string, MetricValue> holdout)
    {
        page.Heading($"Fairness by {HtmlPage.Name(attribute.Attribute)}");
        if (attribute.Groups.Count > 0)
        {
            page.Table(
                [
                    HtmlPage.Name(attribute.Attribute), "rows#", "positive#", "decided positive#", "true positive rate#",
                    "false positive rate#", "precision#",
                ],
                attribute.Groups.Select(group => new[]
                {
                    (HtmlPage.Name(group.Group), (string?)null),
                    (HtmlPage.Count(group.Count), null),
                    (HtmlPage.Share((double)group.Positives / group.Count), null),
                    (HtmlPage.Share(group.SelectionRate), null),
                    (HtmlPage.Share(group.TruePositiveRate), null),
                    (HtmlPage.Share(group.FalsePositiveRate), null),
                    (HtmlPage.Share(group.Precision), null),
                }));
        }

        List<string> notes =
        [
            .. holdout.Where(metric => metric.Key.EndsWith($"({attribute.Attribute})", StringComparison.Ordinal))
                .Select(metric => $"{metric.Key}: {Value(metric.Value)}, 95 % interval: {Interval(metric.Value)}"),
        ];
        if (attribute.OtherRows > 0)
        {
            notes.Add(
                $"{HtmlPage.Count(attribute.OtherRows)} rows are not shown: of {HtmlPage.Count(attribute.OtherGroups)} groups that are " +
                "too small or too many, or without a value.");
        }
        if (notes.Count > 0) page.List(notes);
    }
}
