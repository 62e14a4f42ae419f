using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Shows a profile as an HTML page, and its columns in the page of an exploration.</summary>
internal static class ProfilePage
{
    private const int FindingsShown = 200;
    private const int BarsShown = 6;

    // Of fewer texts than these, a profile knows all.
    private const int KnownTexts = 250;

    public static string Write(DatasetProfile profile, string? title)
    {
        var source = profile.Source is null ? "" : $"Data from {HtmlPage.Name(profile.Source)}";
        var read = profile.ReadAt is { } at ? $"{(source.Length == 0 ? "Read" : ", read")} {HtmlPage.Moment(at)}" : "";
        var from = profile.Origin?.ToString() ?? source + read;
        var page = new HtmlPage(
            title ?? (profile.Origin is { } origin ? $"{HtmlPage.Name(origin.Lifecycle)}: profile"
                : profile.Source is null ? "Profile"
                : $"Profile of {HtmlPage.Name(profile.Source)}"),
            $"{from}{(from.Length == 0 ? "" : "; ")}" +
                $"{HtmlPage.Count(profile.RowCount, "row")}, {HtmlPage.Count(profile.Columns.Count, "column")}");
        page.Tiles(
            ("rows", HtmlPage.Count(profile.RowCount)),
            ("columns", HtmlPage.Count(profile.Columns.Count)),
            ("missing values", MissingShare(profile)),
            ("findings", HtmlPage.Count(profile.Findings.Count)));
        WriteProfile(page, profile, profile.Columns, profile.Origin?.Label, isLabelFirst: false);
        return page.Build();
    }

    public static void WriteProfile(
        HtmlPage page, DatasetProfile profile, IEnumerable<ColumnSummary> columns, string? label, bool isLabelFirst)
    {
        List<string> findings = [.. profile.Findings.Take(FindingsShown).Select(finding => finding.Sentence)];
        if (profile.Findings.Count > findings.Count)
        {
            findings.Add($"{HtmlPage.Count(profile.Findings.Count - findings.Count)} more findings are in the profile.");
        }
        if (findings.Count > 0) page.Heading("Findings").List(findings);
        page.Heading("Columns");
        if (isLabelFirst) page.Paragraph("The label first, then the columns most associated with it.");
        page.BeginCards();
        var personal = profile.Findings
            .Where(finding => finding.Kind == FindingKind.Personal)
            .Select(finding => finding.Column)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var column in columns) WriteColumn(page, column, personal.Contains(column.Name), column.Name == label);
        page.EndCards();
    }

    public static string MissingShare(DatasetProfile profile)
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
