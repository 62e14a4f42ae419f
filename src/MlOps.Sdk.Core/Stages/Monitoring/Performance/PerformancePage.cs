using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Shows metrics over time.</summary>
internal static class PerformancePage
{
    private const int MostCharts = 24;
    private const int MostRows = 500;

    public static string Write(PerformanceSeries series, string? title)
    {
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Name(series.Model)}: performance",
            series.Points.Count == 0 ? "No predictions" : Describe(series));
        AddTo(page, series);
        return page.Build();
    }

    /// <summary>Adds the charts and the table to a page.</summary>
    public static void AddTo(HtmlPage page, PerformanceSeries series)
    {
        page.Heading("Performance over time");
        if (series.Unread.Count > 0)
        {
            page.Alarm($"The packages of the versions {string.Join(", ", series.Unread.Select(version => HtmlPage.Count(version)))} " +
                "cannot be read here; their predictions are left out.");
        }
        var lines = series.Points.GroupBy(point => (point.Version, point.Metric, point.Group)).ToArray();
        var drawn = lines.Where(line => line.Any(IsDrawn)).Take(MostCharts).ToArray();
        if (drawn.Length > 0)
        {
            page.BeginPlots();
            foreach (var line in drawn) Draw(page, series, [.. line.Where(IsDrawn)]);
            page.EndCards().Gap();
        }
        var left = lines.Length - drawn.Length;
        page.Table(
            [
                series.Period is null ? "from" : "period", "version#", "metric", "group", "value#", "interval", "labels#", "coverage#",
                "note",
            ],
            series.Points.Take(MostRows).Select(point => Row(series, point)));
        if (left > 0)
        {
            page.Paragraph($"{HtmlPage.Count(left, "line")} without a chart: a value is needed, and {MostCharts} are drawn at most.");
        }
        if (series.Points.Count > MostRows)
        {
            page.Paragraph($"The first {HtmlPage.Count(MostRows)} of {HtmlPage.Count(series.Points.Count)} points.");
        }
    }

    private static bool IsDrawn(PerformancePoint point) =>
        point.Value.IsDefined && point.Value.HasInterval
            && double.IsFinite(point.Value.Value) && double.IsFinite(point.Value.Lower) && double.IsFinite(point.Value.Upper);

    private static string Describe(PerformanceSeries series)
    {
        var days = PeriodText.Days(series.Points.Min(point => point.From), series.Points.Max(point => point.To));
        return $"{days}, {Zone(series)}, 95 % intervals";
    }

    private static string Zone(PerformanceSeries series) => series.Period is { } period && series.TimeZone is { } zone
        ? $"by {Word(period)}, {zone}"
        : "UTC";

    private static string Word(CalendarPeriod period) => period switch
    {
        CalendarPeriod.Hour => "hour",
        CalendarPeriod.Day => "day",
        CalendarPeriod.Week => "week",
        _ => "month",
    };

    private static string GroupOf(PerformanceSeries series, string group) => $"{series.Attribute} = {group}";

    private static void Draw(HtmlPage page, PerformanceSeries series, PerformancePoint[] line)
    {
        var first = line[0];
        var zone = series.TimeZone is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var known) ? known : TimeZoneInfo.Utc;
        var byDay = first.To - first.From >= TimeSpan.FromHours(23);
        var holdout = series.Holdout
            .FirstOrDefault(value => (value.Version, value.Metric) == (first.Version, first.Metric) && double.IsFinite(value.Value.Value))
            ?.Value.Value;
        page.Card(
            $"{first.Metric}, version {HtmlPage.Count(first.Version)}" +
                $"{(first.Group is { } group ? $", {GroupOf(series, group).Replace(' ', '\u00A0')}" : "")}",
            ("", null),
            Plot.Band(
                [.. line.Select(point => ((point.From - first.From).TotalDays, point.Value.Value, point.Value.Lower, point.Value.Upper))],
                Zone(series),
                first.Metric,
                fromZero: false,
                holdout,
                [.. DateTicks.Of(first.From, line[^1].From, byDay, zone).Select(tick => ((tick.At - first.From).TotalDays, tick.Text))]),
            ("line", "value"),
            ("band", "95 % interval"),
            ("dashes", holdout is { } value
                ? $"{HtmlPage.Decimals(value)} on the holdout{(first.Group is null ? "" : ", all groups")}"
                : null));
    }

    private static (string Text, string? Class)[] Row(PerformanceSeries series, PerformancePoint point) =>
    [
        (series.Period is { } period ? PeriodText.Of(period, point.From, point.To) : HtmlPage.Moment(point.From), null),
        (HtmlPage.Count(point.Version), null),
        (point.Metric, null),
        (point.Group is { } group ? GroupOf(series, HtmlPage.Name(group)) : "", null),
        (point.Value.IsDefined ? HtmlPage.Decimals(point.Value.Value) : "–", null),
        (point.Value.HasInterval ? $"{HtmlPage.Decimals(point.Value.Lower)} to {HtmlPage.Decimals(point.Value.Upper)}" : "", null),
        (HtmlPage.Count(point.Labels), null),
        (point.Coverage is { } coverage ? HtmlPage.Share(coverage) : "", null),
        (point.Value.IsDefined ? "" : point.Value.Undefined ?? "", null),
    ];
}
