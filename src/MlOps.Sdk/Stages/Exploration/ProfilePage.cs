using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Shows a profile, and what an exploration found, as an HTML page.</summary>
internal static class ProfilePage
{
    private const int MapColumns = 30;

    public static string Write(DatasetProfile profile, string title)
    {
        var page = new HtmlPage(title, $"{HtmlPage.Count(profile.RowCount)} rows, {profile.Columns.Count} columns");
        WriteProfile(page, profile);
        return page.Build();
    }

    public static string Write(ExplorationReport report, string title)
    {
        var page = new HtmlPage(title, $"{HtmlPage.Count(report.Profile.RowCount)} training rows, {report.Profile.Columns.Count} columns; the label is {report.Label}");
        WriteHypotheses(page, report);
        WriteLeakage(page, report);
        WriteAssociations(page, report);
        if (report.Sample is { } sample) WriteSample(page, report, sample);
        WriteProfile(page, report.Profile);
        return page.Build();
    }

    private static void WriteProfile(HtmlPage page, DatasetProfile profile)
    {
        var cells = profile.Columns.Sum(column => column.Count);
        var missing = profile.Columns.Sum(column => column.Missing);
        page.Tiles(
            ("rows", HtmlPage.Count(profile.RowCount)),
            ("columns", HtmlPage.Count(profile.Columns.Count)),
            ("missing values", cells == 0 ? "–" : HtmlPage.Share((double)missing / cells)),
            ("findings", HtmlPage.Count(profile.Findings.Count)));
        if (profile.Findings.Count > 0) page.Heading("What is noteworthy").List(profile.Findings.Select(finding => finding.Sentence));
        page.Heading("Columns").BeginCards();
        foreach (var column in profile.Columns) WriteColumn(page, column);
        page.EndCards();
    }

    private static void WriteColumn(HtmlPage page, ColumnSummary column)
    {
        var values = column.Count - column.Missing;
        var isNumber = column.Type is ColumnType.Number or ColumnType.Integer;
        var isText = column.Type == ColumnType.Text;
        page.Card(
            column.Name,
            (column.Type.ToString().ToLowerInvariant(), null),
            Draw(column, values),
            ("missing", column.Missing == 0 ? null : $"{HtmlPage.Count(column.Missing)} ({HtmlPage.Share((double)column.Missing / column.Count)})"),
            ("infinite", column.Infinite == 0 ? null : HtmlPage.Count(column.Infinite)),
            ("distinct", double.IsNaN(column.Distinct) ? null : $"{(column.Distinct > 100 ? "about " : "")}{HtmlPage.Count((long)column.Distinct)}"),
            ("mean ± deviation", isNumber ? $"{HtmlPage.Number(column.Mean)} ± {HtmlPage.Number(column.StandardDeviation)}" : null),
            ("quartiles", isNumber ? $"{HtmlPage.Number(column.LowerQuartile)} · {HtmlPage.Number(column.Median)} · {HtmlPage.Number(column.UpperQuartile)}" : null),
            ("skewness", isNumber && !double.IsNaN(column.Skewness) ? HtmlPage.Number(column.Skewness) : null),
            ("length", isText && values > 0 ? $"{HtmlPage.Number(column.Minimum)} to {HtmlPage.Number(column.Maximum)}, mean {HtmlPage.Number(column.Mean)}" : null),
            ("blank", isText && column.Characters.Blank > 0 ? HtmlPage.Count(column.Characters.Blank) : null),
            ("usual step", column.Times?.UsualStep is { } step ? Show(step) : null),
            ("steps with a value", column.Times is { StepsWithValue: >= 0 } regular ? HtmlPage.Share(regular.StepsWithValue) : null),
            ("gaps", column.Times is { Gaps: > 0 } gapped ? $"{HtmlPage.Count(gapped.Gaps)}, {HtmlPage.Share(1 - gapped.CoveredShare)} of the time" : null),
            ("longest gap", column.Times is { GapStart: { } start, GapEnd: { } end } ? $"{Show(end - start)} from {Show(start)}" : null));
    }

    private static string Draw(ColumnSummary column, long values)
    {
        if (values == 0) return "<p class=\"soft\">no values</p>";
        if (column.Type == ColumnType.Text) return Chart.Bars([.. column.Frequent.Take(6).Select(item => (item.Item, (double)item.Lower / values, HtmlPage.Share((double)item.Lower / values)))]);
        if (column.Histogram is not { } histogram) return "";
        if (column.Type == ColumnType.Boolean)
        {
            var isTrue = (long)Math.Round(column.Mean * values);
            return Chart.Bars([("true", column.Mean, HtmlPage.Share(column.Mean)), ("false", 1 - column.Mean, HtmlPage.Share((double)(values - isTrue) / values))]);
        }

        var (low, high) = column.Type == ColumnType.Timestamp
            ? (Show(column.Times!.First), Show(column.Times.Last))
            : (Edge(column.Minimum, histogram.Below, "below"), Edge(column.Maximum, histogram.Above, "above"));
        return Chart.Histogram([.. histogram.Counts.Select(count => (double)count)], low, high);

        string Edge(double extreme, long beyond, string where) =>
            beyond == 0 ? HtmlPage.Number(extreme) : $"{HtmlPage.Number(where == "below" ? histogram.Edges[0] : histogram.Edges[^1])} ({HtmlPage.Count(beyond)} {where}, to {HtmlPage.Number(extreme)})";
    }

    private static void WriteHypotheses(HtmlPage page, ExplorationReport report)
    {
        if (report.Hypotheses.Count == 0) return;
        page.Heading("Hypotheses").Table(
            ["hypothesis", "verdict", "effect#", "adjusted p#", "what the rows say"],
            report.Hypotheses.Select(result => new[]
            {
                (result.Name, (string?)null),
                (Show(result.Verdict), result.Verdict switch { Verdict.Supported => "good", Verdict.NotSupported => "bad", _ => "warn" }),
                ($"{HtmlPage.Number(result.Effect)} [{HtmlPage.Number(result.Interval.Lower)}, {HtmlPage.Number(result.Interval.Upper)}]", null),
                (HtmlPage.Number(result.AdjustedPValue), null),
                (result.Sentence, null),
            }));
    }

    private static void WriteLeakage(HtmlPage page, ExplorationReport report)
    {
        if (report.LeakageSuspects.Count > 0) page.Heading("Too good to be true").List(report.LeakageSuspects.Select(suspect => suspect.Sentence));
    }

    private static void WriteAssociations(HtmlPage page, ExplorationReport report)
    {
        if (report.Associations.Count == 0) return;
        page.Heading($"What tells about {report.Label}").Raw("<div class=\"card narrow\">").Raw(Chart.Bars([.. report.Associations.Take(20).Select(association =>
            (association.Column, association.Measure == "auc" ? 2 * association.Value - 1 : Math.Abs(association.Value), $"{HtmlPage.Number(association.Value)}"))])).Raw("</div>\n");
    }

    private static void WriteSample(HtmlPage page, ExplorationReport report, SampleAnalysis sample)
    {
        if (sample.Classes.Count > 0)
        {
            page.Heading($"How often each {report.Label} occurs").Raw("<div class=\"card narrow\">")
                .Raw(Chart.Bars([.. sample.Classes.Take(12).Select(each => (each.Class, each.Share, HtmlPage.Share(each.Share)))])).Raw("</div>\n");
        }

        if (sample.Spearman.Columns.Count > 1 || sample.CramersV.Columns.Count > 1)
        {
            page.Heading("Which columns go together").Raw("<div class=\"pair\">");
            WriteMatrix(page, "Numbers: Spearman’s rank correlation", sample.Spearman, Chart.Legend("rise together", "one falls as the other rises"));
            WriteMatrix(page, "Texts: Cramér’s V, corrected for bias", sample.CramersV, "");
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
        page.Raw("<div>").Paragraph(names.Length < matrix.Columns.Count ? $"{title}; the {MapColumns} of {matrix.Columns.Count} columns that tell most about the label" : title)
            .Raw(Chart.HeatMap(names, (row, column) => matrix[row, column])).Raw(legend).Raw("</div>\n");
    }

    private static void WriteAlike(HtmlPage page, SampleAnalysis sample)
    {
        List<string> lines = [.. sample.AlikeColumns.Take(20).Select(pair => pair.Measure == "equal"
            ? $"{pair.First} and {pair.Second} are equal in every row."
            : $"{pair.First} says nearly all that {pair.Second} says ({(pair.Measure == "spearman" ? "rank correlation" : "Cramér’s V")} {HtmlPage.Number(Math.Round(pair.Value, 3))}).")];
        if (sample.AlikeColumns.Count > lines.Count) lines.Add($"{sample.AlikeColumns.Count - lines.Count} more pairs of columns are in the report.");
        if (sample.AlikeRows.Rows > 0)
            lines.Add($"{HtmlPage.Count(sample.AlikeRows.Rows)} of {HtmlPage.Count(sample.Rows)} rows have a twin, in {HtmlPage.Count(sample.AlikeRows.Groups)} groups; in {HtmlPage.Count(sample.AlikeRows.Contradicting)} of these the label differs.");
        if (lines.Count > 0) page.Heading("What is there twice").List(lines);
    }

    private static void WriteMissing(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.MissingPatterns.Count == 0) return;
        page.Heading("What is missing together").Table(["rows#", "share#", "columns without a value"], sample.MissingPatterns.Select(pattern => new[]
        {
            (HtmlPage.Count(pattern.Rows), (string?)null),
            (HtmlPage.Share((double)pattern.Rows / sample.Rows), null),
            (pattern.Columns.Count == 0 ? "none" : string.Join(", ", pattern.Columns.Take(8)) + (pattern.Columns.Count > 8 ? $" and {pattern.Columns.Count - 8} more" : ""), null),
        }));
    }

    private static void WriteOutliers(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.Outliers.Count == 0 && sample.RowOutliers is not { Count: > 0 }) return;
        page.Heading("What lies far out");
        if (sample.RowOutliers is { } far)
            page.Paragraph($"{HtmlPage.Count(far.Count)} of {HtmlPage.Count(far.Rows)} rows are far from the others in {far.Columns.Count} columns together; about {HtmlPage.Count((long)Math.Ceiling(far.Rows / 1000.0))} would be if the columns were normal.");
        if (sample.Outliers.Count == 0) return;
        page.Table(["column", "values#", "share#", "middle#", "farthest#"], sample.Outliers.Take(20).Select(column => new[]
        {
            (column.Column, (string?)null),
            (HtmlPage.Count(column.Count), null),
            (HtmlPage.Share(column.Share), null),
            ($"{HtmlPage.Number(column.Median)} ± {HtmlPage.Number(column.Scale)}", null),
            (HtmlPage.Number(column.Farthest), null),
        }));
    }

    private static string Show(Verdict verdict) => verdict switch { Verdict.Supported => "supported", Verdict.NotSupported => "not supported", _ => "not enough data" };

    private static string Show(DateTime time) => time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Show(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{HtmlPage.Number(span.TotalDays)} days",
        { TotalHours: >= 1 } => $"{HtmlPage.Number(span.TotalHours)} hours",
        { TotalMinutes: >= 1 } => $"{HtmlPage.Number(span.TotalMinutes)} minutes",
        _ => $"{HtmlPage.Number(span.TotalSeconds)} seconds",
    };
}
