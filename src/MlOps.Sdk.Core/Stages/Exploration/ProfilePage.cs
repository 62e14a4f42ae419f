using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Shows a profile, and what an exploration found, as an HTML page.</summary>
internal static class ProfilePage
{
    private const int MapColumns = 30;
    private const int ColumnsBeside = 14;
    private const int FindingsShown = 200;
    private const int BarsShown = 6;

    // Of fewer texts than these, a profile knows all.
    private const int KnownTexts = 250;

    public static string Write(DatasetProfile profile, string? title)
    {
        var source = profile.Source is null ? "" : $"Data from {HtmlPage.Name(profile.Source)}";
        var read = profile.ReadAt is { } at ? $"{(source.Length == 0 ? "Read" : ", read")} {HtmlPage.Moment(at)}" : "";
        var page = new HtmlPage(
            title ?? (profile.Source is null ? "Profile" : $"Profile of {HtmlPage.Name(profile.Source)}"),
            $"{source}{read}{(source.Length + read.Length == 0 ? "" : "; ")}" +
                $"{HtmlPage.Count(profile.RowCount, "row")}, {HtmlPage.Count(profile.Columns.Count, "column")}");
        page.Tiles(
            ("rows", HtmlPage.Count(profile.RowCount)),
            ("columns", HtmlPage.Count(profile.Columns.Count)),
            ("missing values", MissingShare(profile)),
            ("findings", HtmlPage.Count(profile.Findings.Count)));
        WriteProfile(page, profile, profile.Columns, null);
        return page.Build();
    }

    public static string Write(ExplorationReport report, string? title)
    {
        var label = HtmlPage.Name(report.Label);
        var origin = report.Origin is { } from
            ? $"Run {from.RunId} of {HtmlPage.Name(from.Lifecycle)}, begun {HtmlPage.Moment(from.StartedAt)}; " +
                $"data from {HtmlPage.Name(from.Source)}; "
            : "";

        var moment = report.PredictedAt is { } at ? $"; predictions are made at {HtmlPage.Name(at)}" : "";
        var page = new HtmlPage(
            title ?? (report.Origin is null ? $"Exploration of {label}" : $"{HtmlPage.Name(report.Origin.Lifecycle)}: exploration"),
            $"{origin}{HtmlPage.Count(report.Profile.RowCount, "training row")}, " +
                $"{HtmlPage.Count(report.Profile.Columns.Count, "column")}; the label is {label}{moment}");
        page.Tiles(
            ("training rows", HtmlPage.Count(report.Profile.RowCount)),
            ("columns", HtmlPage.Count(report.Profile.Columns.Count)),
            ("missing values", MissingShare(report.Profile)),
            ("hypotheses supported", report.Hypotheses.Count == 0
                ? "–"
                : $"{report.Hypotheses.Count(result => result.Verdict == Verdict.Supported)} of {report.Hypotheses.Count}"),
            ("leakage suspects", HtmlPage.Count(report.LeakageSuspects.Count)),
            ("findings", HtmlPage.Count(report.Profile.Findings.Count)));
        WriteLeakage(page, report);
        WriteHypotheses(page, report);
        page.Raw("<div class=\"trio\">");
        WriteAssociations(page, report);
        WriteClasses(page, report);
        WriteInformation(page, report);
        page.Raw("</div>\n");
        if (report.Sample is { } sample) WriteSample(page, sample);

        // The label first, then what tells most about it.
        var place = report.Associations.Select((association, i) => (association.Column, i)).DistinctBy(each => each.Column)
            .ToDictionary(each => each.Column, each => each.i, StringComparer.Ordinal);
        WriteProfile(
            page,
            report.Profile,
            report.Profile.Columns.OrderBy(column => column.Name == report.Label ? -1 : place.GetValueOrDefault(column.Name, int.MaxValue)),
            report.Label);
        return page.Build();
    }

    private static void WriteProfile(HtmlPage page, DatasetProfile profile, IEnumerable<ColumnSummary> columns, string? label)
    {
        List<string> findings = [.. profile.Findings.Take(FindingsShown).Select(finding => finding.Sentence)];
        if (profile.Findings.Count > findings.Count)
        {
            findings.Add($"{HtmlPage.Count(profile.Findings.Count - findings.Count)} more findings are in the profile.");
        }
        if (findings.Count > 0) page.Heading("Findings").List(findings);
        page.Heading("Columns");
        if (label is not null) page.Paragraph("The label first, then the columns most associated with it.");
        page.BeginCards();
        var personal = profile.Findings
            .Where(finding => finding.Kind == FindingKind.Personal)
            .Select(finding => finding.Column)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var column in columns) WriteColumn(page, column, personal.Contains(column.Name), column.Name == label);
        page.EndCards();
    }

    private static string MissingShare(DatasetProfile profile)
    {
        var cells = profile.Columns.Sum(column => (double)column.Count);
        var missing = profile.Columns.Sum(column => (double)column.Missing);
        return cells == 0 ? "–" : missing == 0 ? "none" : HtmlPage.Share(missing / cells);
    }

    private static void WriteColumn(HtmlPage page, ColumnSummary column, bool isPersonal, bool isLabel)
    {
        var values = column.Count - column.Missing;
        var isNumber = column.Type is ColumnType.Number or ColumnType.Integer;
        var isText = column.Type == ColumnType.Text;
        var type = column.Type.ToString().ToLowerInvariant();
        page.Card(
            column.Name,
            isLabel ? ($"label, {type}", "label") : (type, null),
            isPersonal && isText ? "<p class=\"soft\">values are not shown, since they seem personal</p>" : Draw(column, values),
            ("missing", column.Missing == 0
                ? null
                : $"{HtmlPage.Count(column.Missing)} ({HtmlPage.Share((double)column.Missing / column.Count)})"),
            ("including NaN", column.NotANumber == 0 ? null : HtmlPage.Count(column.NotANumber)),
            ("infinite", column.Infinite == 0 ? null : HtmlPage.Count(column.Infinite)),
            ("distinct", Distinct(column, values)),
            ("mean ± deviation", isNumber && values > 0
                ? $"{HtmlPage.Number(column.Mean)} ± {HtmlPage.Number(column.StandardDeviation)}"
                : null),
            ("quartiles", isNumber && values > 0 && column.Distinct > 2
                ? string.Join(" · ", HtmlPage.Numbers(column.LowerQuartile, column.Median, column.UpperQuartile))
                : null),
            ("skewness", isNumber && column.Distinct > 2 && !double.IsNaN(column.Skewness)
                ? HtmlPage.Number(Math.Round(column.Skewness, 2))
                : null),
            ("length", isText && values > 0
                ? column.Minimum == column.Maximum ? HtmlPage.Number(column.Minimum) : $"{HtmlPage.Number(column.Minimum)} to " +
                    $"{HtmlPage.Number(column.Maximum)}, mean {HtmlPage.Number(Math.Round(column.Mean, 1))}"
                : null),
            ("blank", isText && column.Characters.Blank > 0 ? HtmlPage.Count(column.Characters.Blank) : null),
            ("usual step", column.Times?.UsualStep is { } step ? Show(step) : null),
            ("steps with a value", column.Times is { StepsWithValue: >= 0 } regular ? HtmlPage.Share(regular.StepsWithValue) : null),
            ("gaps", column.Times is { Gaps: > 0 } gapped
                ? $"{HtmlPage.Count(gapped.Gaps)}, {HtmlPage.Share(1 - gapped.CoveredShare)} of the time"
                : null),
            ("longest gap", column.Times is { GapStart: { } start, GapEnd: { } end } ? $"{Show(end - start)} from {Show(start)}" : null));
    }

    private static string? Distinct(ColumnSummary column, long values) =>
        double.IsNaN(column.Distinct) || values == 0 ? null
        : column.IsUnique == true ? "every value"
        : $"{(column.Distinct > 10 && !(column.Type == ColumnType.Text && column.Distinct < KnownTexts) ? "about " : "")}" +
            $"{HtmlPage.Count((long)Math.Min(column.Distinct, values))}";

    private static string Draw(ColumnSummary column, long values)
    {
        if (values == 0) return "<p class=\"soft\">no values</p>";
        if (column.Type == ColumnType.Text && (column.IsUnique == true || DatasetProfile.IsIdentifier(column)))
        {
            return "<p class=\"soft\">for example " +
                $"{HtmlPage.Escape(string.Join(", ", column.Frequent.Take(3).Select(item => HtmlPage.Name(item.Item))))}</p>";
        }
        if (column.Type == ColumnType.Text)
        {
            return Chart.Bars([.. column.Frequent
                .Take(BarsShown)
                .Select(item => (item.Item, (double)item.Lower / values, HtmlPage.Share((double)item.Lower / values)))]);
        }
        if (column.Histogram is not { } histogram) return "";
        if (column.Type == ColumnType.Boolean)
        {
            return Chart.Bars(
                [("true", column.Mean, HtmlPage.Share(column.Mean)), ("false", 1 - column.Mean, HtmlPage.Share(1 - column.Mean))]);
        }

        // A bin of a short range of integers is one value, and is better named than drawn.
        if (column.Type == ColumnType.Integer && histogram.Counts.Count <= BarsShown && histogram.Below + histogram.Above == 0)
        {
            return Chart.Bars([.. histogram.Counts.Select((count, i) => (
                HtmlPage.Number(Math.Ceiling(histogram.Edges[i])), (double)count / values, HtmlPage.Share((double)count / values)))]);
        }
        if (column.Type == ColumnType.Timestamp) return Draw(histogram, Show(column.Times!.First), Show(column.Times.Last));
        var extremes = HtmlPage.Numbers(column.Minimum, histogram.Edges[0], histogram.Edges[^1], column.Maximum);
        return Draw(
            histogram,
            histogram.Below == 0 ? extremes[0] : $"{extremes[1]} ({HtmlPage.Count(histogram.Below)} below, to {extremes[0]})",
            histogram.Above == 0 ? extremes[3] : $"{extremes[2]} ({HtmlPage.Count(histogram.Above)} above, to {extremes[3]})");
    }

    private static string Draw(ColumnHistogram histogram, string low, string high) =>
        Chart.Histogram([.. histogram.Counts.Select(count => (double)count)], low, high);

    private static void WriteHypotheses(HtmlPage page, ExplorationReport report)
    {
        if (report.Hypotheses.Count == 0) return;
        page.Heading("Hypotheses").BeginCards(wide: true);
        foreach (var result in report.Hypotheses)
        {
            var bounds = HtmlPage.Numbers(result.Effect, result.Interval.Lower, result.Interval.Upper);
            page.Card(
                result.Name,
                (Show(result.Verdict), result.Verdict switch { Verdict.Supported => "good", Verdict.NotSupported => "bad", _ => "warn" }),
                $"<p>{HtmlPage.Escape(result.Sentence)}</p>",
                ("effect", double.IsNaN(result.Effect) ? null
                    : double.IsNaN(result.Interval.Lower) ? bounds[0]
                    : $"{bounds[0]} ({bounds[1]} to {bounds[2]})"),
                ("test", result.Test.Test),
                ("p, adjusted for all", double.IsNaN(result.AdjustedPValue) ? null : HtmlPage.PValue(result.AdjustedPValue)));
        }

        page.EndCards();
    }

    private static void WriteLeakage(HtmlPage page, ExplorationReport report)
    {
        if (report.LeakageSuspects.Count == 0) return;
        page.Heading("Possible leakage").BeginCards(wide: true);
        foreach (var suspect in report.LeakageSuspects.Take(FindingsShown))
        {
            page.Card(suspect.Column, (Show(suspect.Reason), "warn"), $"<p>{HtmlPage.Escape(suspect.Sentence)}</p>");
        }
        page.EndCards();
        if (report.LeakageSuspects.Count > FindingsShown)
        {
            page.Paragraph($"{HtmlPage.Count(report.LeakageSuspects.Count - FindingsShown)} more suspects are in the report.");
        }
    }

    private static void WriteAssociations(HtmlPage page, ExplorationReport report)
    {
        if (report.Associations.Count == 0) return;
        var measures = report.Associations.Take(20).Select(association => Show(association.Measure)).Distinct();
        page
            .Raw("<div>")
            .Heading($"Columns most associated with {HtmlPage.Name(report.Label)}")
            .Raw("<div class=\"card\">")
            .Raw(Chart.Bars([.. report.Associations.Take(20).Select(association =>
                (
                    association.Column,
                    association.Measure == "auc" ? 2 * association.Value - 1 : Math.Abs(association.Value),
                    double.IsNaN(association.Value)
                        ? "–"
                        : association.Value.ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−')))]))
            .Raw($"<p class=\"soft\">{HtmlPage.Escape(string.Join("; ", measures))}</p></div></div>\n");
    }

    private static void WriteClasses(HtmlPage page, ExplorationReport report)
    {
        if (report.Sample is not { Classes.Count: > 0 } sample) return;
        page.Raw("<div>").Heading("Class balance").Raw("<div class=\"card\">")
            .Raw(Chart.Bars([.. sample.Classes.Take(12).Select(each => (each.Class, each.Share, HtmlPage.Share(each.Share)))]));
        if (sample.Classes.Count > 12) page.Raw($"<p class=\"soft\">and {sample.Classes.Count - 12} more classes</p>");
        page.Raw("</div></div>\n");
    }

    private static void WriteInformation(HtmlPage page, ExplorationReport report)
    {
        // What an estimate has of unrelated columns is taken off, or columns with many values would seem to tell much.
        if (report.Sample is not { } sample) return;
        var most = sample.Information.Select(each => each.Nats - each.Bias).DefaultIfEmpty().Max();
        if (!(most > 0)) return;
        var shown = sample.Information
            .Select(each => (each.Column, Nats: Math.Max(0, each.Nats - each.Bias)))
            .OrderByDescending(each => each.Nats)
            .Take(12);
        page.Raw("<div>").Heading($"Mutual information with {HtmlPage.Name(report.Label)}").Raw("<div class=\"card\">")
            .Raw(Chart.Bars(
                [.. shown.Select(each => (each.Column, each.Nats / most, each.Nats.ToString("0.000", CultureInfo.InvariantCulture)))]))
            .Raw("<p class=\"soft\">A relation of any shape, in nats, less the bias, from a sample: 0 tells nothing</p></div></div>\n");
    }

    private static void WriteSample(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.Spearman.Columns.Count > 1 || sample.CramersV.Columns.Count > 1)
        {
            // Two larger maps do not fit side by side.
            var isNarrow = Math.Max(sample.Spearman.Columns.Count, sample.CramersV.Columns.Count) <= ColumnsBeside;
            page.Heading("Correlations between columns").Raw(isNarrow ? "<div class=\"pair\">" : "<div>");
            WriteMatrix(
                page,
                "Numbers: Spearman’s rank correlation",
                sample.Spearman,
                Chart.Legend("rise together", "one falls as the other rises"));
            WriteMatrix(
                page,
                "Texts: Cramér’s V, corrected for bias",
                sample.CramersV,
                Chart.Legend("1: each determines the other; 0: independent"));
            page.Raw("</div>\n");
        }

        WriteAlike(page, sample);
        WriteMissing(page, sample);
        WriteOutliers(page, sample);
    }

    private static void WriteMatrix(HtmlPage page, string title, PairMatrix matrix, string legend)
    {
        if (matrix.Columns.Count < 2) return;
        string[] names = [.. matrix.Columns.Take(MapColumns)];
        page
            .Raw("<div>")
            .Paragraph(names.Length < matrix.Columns.Count
                ? $"{title}; the {MapColumns} of {matrix.Columns.Count} columns with the most information about the label"
                : title)
            .Raw(Chart.HeatMap(names, (row, column) => matrix[row, column]))
            .Raw(legend)
            .Raw("</div>\n");
    }

    private static void WriteAlike(HtmlPage page, SampleAnalysis sample)
    {
        List<string> lines = [.. sample.AlikeColumns.Take(20).Select(pair => pair.Measure == "equal"
            ? $"{HtmlPage.Name(pair.First)} and {HtmlPage.Name(pair.Second)} are equal in every row."
            : $"{HtmlPage.Name(pair.First)} contains nearly all information of {HtmlPage.Name(pair.Second)} " +
                $"({(pair.Measure == "spearman" ? "rank correlation" : "Cramér’s V")} {HtmlPage.Number(Math.Round(pair.Value, 3))}).")];
        if (sample.AlikeColumns.Count > lines.Count)
        {
            lines.Add($"{HtmlPage.Count(sample.AlikeColumns.Count - lines.Count)} more pairs of columns are in the report.");
        }
        if (sample.AlikeRows.Rows > 0)
        {
            lines.Add(
                $"{HtmlPage.Count(sample.AlikeRows.Rows)} of {HtmlPage.Count(sample.Rows, "row")} have a duplicate, in " +
                $"{HtmlPage.Count(sample.AlikeRows.Groups, "group")}; " +
                $"in {HtmlPage.Count(sample.AlikeRows.Contradicting)} of these the label differs.");
        }
        if (lines.Count > 0) page.Heading("Duplicates").List(lines);
    }

    private static void WriteMissing(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.MissingPatterns.Count == 0) return;
        page
            .Heading("Columns missing together")
            .Table(["rows#", "share#", "columns without a value"], sample.MissingPatterns.Select(pattern => new[]
            {
                (HtmlPage.Count(pattern.Rows), (string?)null),
                (HtmlPage.Share((double)pattern.Rows / sample.Rows), null),
                (
                    pattern.Columns.Count == 0
                        ? "none"
                        : string.Join(", ", pattern.Columns.Take(8).Select(HtmlPage.Name))
                            + (pattern.Columns.Count > 8 ? $" and {pattern.Columns.Count - 8} more" : ""),
                    null),
            }));
    }

    private static void WriteOutliers(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.Outliers.Count == 0 && sample.RowOutliers is not { Count: > 0 }) return;
        page.Heading("Outliers");
        if (sample.RowOutliers is { } far)
        {
            page.Paragraph(
                $"{HtmlPage.Count(far.Count)} of {HtmlPage.Count(far.Rows, "row")} are unusual in the combination of their values in " +
                $"{string.Join(", ", far.Columns.Take(8).Select(HtmlPage.Name))}" +
                $"{(far.Columns.Count > 8 ? $" and {HtmlPage.Count(far.Columns.Count - 8)} more" : "")}; about " +
                $"{HtmlPage.Count((long)Math.Ceiling(far.Rows / 1000.0))} would be expected if the columns were normal.");
        }
        if (sample.Outliers.Count == 0) return;
        page.Paragraph("Values far from the others of their column:");
        page.Table(["column", "values#", "share#", "middle#", "farthest#"], sample.Outliers.Take(20).Select(column => new[]
        {
            (HtmlPage.Name(column.Column), (string?)null),
            (HtmlPage.Count(column.Count), null),
            (HtmlPage.Share(column.Share), null),
            ($"{HtmlPage.Number(column.Median)} ± {HtmlPage.Number(column.Scale)}", null),
            (HtmlPage.Number(column.Farthest), null),
        }));
    }

    private static string Show(Verdict verdict) => verdict switch
    {
        Verdict.Supported => "supported",
        Verdict.NotSupported => "not supported",
        _ => "not enough data"
    };

    private static string Show(LeakageReason reason) => reason switch
    {
        LeakageReason.PredictsLabel => "reveals the label",
        LeakageReason.MissingPredictsLabel or LeakageReason.MissingInOneClass => "missing reveals the label",
        LeakageReason.Identifier => "identifier",
        LeakageReason.LaterThanPrediction => "later than the prediction",
        _ => reason.ToString(),
    };

    private static string Show(string measure) => measure switch
    {
        "auc" => "Area under the ROC curve of the column alone: 0.5 means no information, 1 complete information",
        "spearman" => "Spearman’s rank correlation: 0 means no information, ±1 complete information",
        "correlation_ratio" => "Correlation ratio: 0 means no information, 1 complete information",
        "cramers_v" => "Cramér’s V: 0 means no information, 1 complete information",
        _ => measure,
    };

    private static string Show(DateTime time) =>
        time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Show(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => Show(span.TotalDays, "day"),
        { TotalHours: >= 1 } => Show(span.TotalHours, "hour"),
        { TotalMinutes: >= 1 } => Show(span.TotalMinutes, "minute"),
        _ => Show(span.TotalSeconds, "second"),
    };

    private static string Show(double number, string unit) =>
        HtmlPage.Number(number) is var text && text == "1" ? $"1 {unit}" : $"{text} {unit}s";
}
