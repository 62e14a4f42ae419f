using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Shows a check of one window of predictions as an HTML page, what changed first.</summary>
internal static class MonitoringPage
{
    public static string Write(MonitoringReport report, string? title, PerformanceSeries? performance = null)
    {
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Name(report.Model)} version {HtmlPage.Count(report.Version)}: monitoring",
            $"{HtmlPage.Count(report.Rows, "prediction")} until {HtmlPage.Moment(report.At)}");
        var changed = report.Changes.Count();
        page.Tiles(
            ("outcome", report.Outcome),
            ("predictions", HtmlPage.Count(report.Rows)),
            ("findings that changed", $"{HtmlPage.Count(changed)} of {HtmlPage.Count(report.Findings.Count)}"),
            ("predictions dropped", HtmlPage.Count(report.Dropped)),
            ("retraining", report.AskedForRetraining ? "requested" : "not requested"),
            ("significance level", report.SignificanceLevel > 0 ? HtmlPage.Decimals(report.SignificanceLevel) : "–"));
        if (report.Window is { } window) page.List([.. Describe(window)]);
        if (report.Alert is { } alert) page.Alarm(alert.Message);
        if (report.AlertFailure is { } unsent) page.Alarm($"The alert could not be sent: {unsent}");
        if (report.Muted.Count > 0)
        {
            page.List([$"Muted: {string.Join(", ", report.Muted.Select(muted => HtmlPage.Name(muted.Subject)).Distinct())}."]);
        }
        foreach (var failure in report.Failures) page.Alarm($"The monitor {failure.Monitor} failed: {failure.Message}");
        if (changed > 0)
        {
            page.Heading("What changed").BeginCards();
            foreach (var finding in report.Changes) WriteChange(page, finding);
            page.EndCards();
        }

        if (performance is not null) PerformancePage.AddTo(page, performance);
        foreach (var signal in report.Findings.GroupBy(finding => finding.Measurement.Signal).OrderBy(group => group.Key))
        {
            page.Heading(Show(signal.Key)).Table(
                ["what", "verdict", "effect", "size#", "material from#", "test", "adjusted p#", "rows#", "note"],
                signal
                    .OrderByDescending(finding => finding.Verdict == MonitoringVerdict.Changed)
                    .ThenByDescending(finding => finding.Measurement.EffectSize)
                    .Select(Row));
        }

        return page.Build();
    }

    /// <summary>How a verdict is shown, with its class.</summary>
    public static (string Text, string? Class) Show(MonitoringVerdict verdict, string changed) => verdict switch
    {
        MonitoringVerdict.Changed => (changed, "bad"),
        MonitoringVerdict.Stable => ("stable", "good"),
        _ => ("not enough data", "warn"),
    };

    /// <summary>
    /// What to know about a finding: why it is not judged, or what is worth noting about a change; nothing of what did not change.
    /// </summary>
    public static string? Note(MonitoringFinding finding) => finding.Verdict switch
    {
        MonitoringVerdict.Changed => finding.Measurement.Note,
        MonitoringVerdict.NotEnoughData => finding.Measurement.NotMeasured,
        _ => null,
    };

    private static IEnumerable<string> Describe(PredictionWindow window)
    {
        var period = window.Calendar is { } calendar ? $"The window is {calendar}"
            : $"The window is from {HtmlPage.Moment(window.From)} to {HtmlPage.Moment(window.To)}";
        yield return $"{period}{(window.IsComplete ? "" : ", and continues")}. " +
            $"Predictions with a label: {HtmlPage.Count(window.Labelled)}.";
        if (window.Versions.Count > 1)
        {
            var others = window.Versions.Select(of => $"version {HtmlPage.Count(of.Version)}: {HtmlPage.Count(of.Rows)}");
            yield return $"Predictions by version: {string.Join(", ", others)}.";
        }
        if (window.Arms.Count > 1)
        {
            yield return "Predictions by arm: " + string.Join(
                ", ", window.Arms.Select(of => $"{of.Arm ?? "named by the caller"}: {HtmlPage.Count(of.Rows)}")) + ".";
        }
        if (window.LateRows > 0) yield return $"{HtmlPage.Count(window.LateRows, "prediction")} came for windows that were closed.";
        if (window.UntimedRows > 0) yield return $"{HtmlPage.Count(window.UntimedRows, "prediction")} had no usable event time.";
        if (window.UnreadableRows > 0)
        {
            yield return $"{HtmlPage.Count(window.UnreadableRows, "prediction")} {Prose.Are(window.UnreadableRows)} " +
                "left out, because of damaged profiles.";
        }
    }

    private static void WriteChange(HtmlPage page, MonitoringFinding finding)
    {
        var measured = finding.Measurement;
        var most = Math.Max(measured.EffectSize, measured.Material);
        ReadOnlySpan<(string, double, string)> bound =
            measured.EffectLower is { } lower ? [("at least", lower / most, HtmlPage.Decimals(lower))] : [];
        page.Card(
            measured.Subject,
            (Show(measured.Signal), "bad"),
            double.IsFinite(most) && most > 0
                ? Chart.Bars([
                    ("effect", measured.EffectSize / most, HtmlPage.Decimals(measured.EffectSize)),
                    .. bound,
                    ("material from", measured.Material / most, HtmlPage.Number(measured.Material)),
                ])
                : "",
            ("effect", measured.Effect),
            ("test", measured.Statistic),
            ("adjusted p", finding.AdjustedPValue is { } p ? HtmlPage.PValue(p) : null),
            ("rows", Rows(measured)),
            ("note", Note(finding)));
    }

    private static (string Text, string? Class)[] Row(MonitoringFinding finding)
    {
        // A window of few rows may still say something, of missing values for example.
        var measured = finding.Measurement;
        var isMeasured = measured.NotMeasured is null || measured.PValue is not null;
        return
        [
            (HtmlPage.Name(measured.Subject), null),
            Show(finding.Verdict, "changed"),
            (isMeasured ? measured.Effect : "", null),
            (isMeasured ? HtmlPage.Decimals(measured.EffectSize) : "", null),
            (HtmlPage.Number(measured.Material), null),
            (isMeasured ? measured.Statistic : "", null),
            (!isMeasured ? "" : finding.AdjustedPValue is { } p ? HtmlPage.PValue(p) : "–", null),
            (HtmlPage.Count(measured.CurrentRows), null),
            (finding.Verdict == MonitoringVerdict.NotEnoughData ? measured.NotMeasured ?? "" : "", null),
        ];
    }

    private static string Rows(Measurement measured) => measured.ReferenceRows > 0
        ? $"{HtmlPage.Count(measured.CurrentRows)} against {HtmlPage.Count(measured.ReferenceRows)}"
        : HtmlPage.Count(measured.CurrentRows);

    private static string Show(Signal signal) => signal switch
    {
        Signal.DataDrift => "Data drift",
        Signal.PredictionDrift => "Prediction drift",
        Signal.Bias => "Bias",
        Signal.Release => "Release",
        Signal.Approval => "Approval",
        Signal.Performance => "Performance",
        Signal.Value => "Value",
        Signal.Latency => "Latency",
        Signal.Errors => "Errors",
        Signal.Volume => "Volume",
        _ => "Own monitors",
    };
}
