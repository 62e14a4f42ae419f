using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Writes a comparison of runs as a page.</summary>
internal static class RunComparisonPage
{
    public static string Write(RunComparison comparison, string? title)
    {
        var runs = comparison.Runs;
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Count(runs.Count, "run")} side by side",
            comparison.Differences.Count == 0 ? "They do not differ in anything that is recorded." : "Only what differs is shown.");
        page.Table(
            ["run", "lifecycle", "state", "begun", "took"],
            runs.Select(run => (IReadOnlyList<(string Text, string? Class)>)
            [
                (run.Id, null),
                (HtmlPage.Name(run.Lifecycle), null),
                (run.State.ToString(), run.State == RunState.Succeeded ? "good" : run.State == RunState.Failed ? "bad" : null),
                (HtmlPage.Moment(run.StartedAt), null),
                (run.EndedAt is { } end ? HtmlPage.Duration(end - run.StartedAt) : "", null),
            ]));
        foreach (var group in comparison.Differences.GroupBy(difference => difference.Kind))
        {
            page.Gap();
            page.Table(
                [RunComparison.Word(group.Key), .. runs.Select(run => $"{run.Id}{(group.Key == RunDifferenceKind.Metric ? "#" : "")}")],
                group.Select(difference => (IReadOnlyList<(string Text, string? Class)>)
                [
                    (difference.Name, null),
                    .. difference.Values.Select(value => (Shown(difference.Kind, value), (string?)null)),
                ]));
        }

        return page.Build();
    }

    private static string Shown(RunDifferenceKind kind, string? value) => value is null ? "–"
        : kind == RunDifferenceKind.Metric
            ? HtmlPage.Number(double.Parse(value, CultureInfo.InvariantCulture))
            : value;
}
