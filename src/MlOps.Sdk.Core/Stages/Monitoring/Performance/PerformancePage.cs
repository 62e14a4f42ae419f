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
            series.Points.Count == 0 ? "No predictions" : $"{Day(series.Points.Min(point => point.From))} to " +
                $"{Day(series.Points.Max(point => point.To))}, 95 % intervals");
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
            page.EndCards();
        }
        var left = lines.Length - drawn.Length;
        page.Table(
            ["from", "version#", "metric", "group", "value#", "interval", "labels#", "coverage#", "note"],
            series.Points.Take(MostRows).Select(Row));
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

    private static void Draw(HtmlPage page, PerformanceSeries series, PerformancePoint[] line)
    {
        var first = line[0];
        page.Card(
            $"{first.Metric}, version {HtmlPage.Count(first.Version)}{(first.Group is { } group ? $", {series.Attribute}={group}" : "")}",
            ("", null),
            Plot.Band(
                [.. line.Select(point => ((point.From - first.From).TotalDays, point.Value.Value, point.Value.Lower, point.Value.Upper))],
                $"days since {Day(first.From)}",
                first.Metric,
                fromZero: false),
            ("line", "value"),
            ("band", "95 % interval"));
    }

    private static (string Text, string? Class)[] Row(PerformancePoint point) =>
    [
        (HtmlPage.Moment(point.From), null),
        (HtmlPage.Count(point.Version), null),
        (point.Metric, null),
        (point.Group is { } group ? HtmlPage.Name(group) : "", null),
        (point.Value.IsDefined ? HtmlPage.Decimals(point.Value.Value) : "–", null),
        (point.Value.HasInterval ? $"{HtmlPage.Decimals(point.Value.Lower)} to {HtmlPage.Decimals(point.Value.Upper)}" : "", null),
        (HtmlPage.Count(point.Labels), null),
        (point.Coverage is { } coverage ? HtmlPage.Share(coverage) : "", null),
        (point.Value.IsDefined ? "" : point.Value.Undefined ?? "", null),
    ];

    private static string Day(DateTimeOffset at) => HtmlPage.Moment(at)[..10];
}
