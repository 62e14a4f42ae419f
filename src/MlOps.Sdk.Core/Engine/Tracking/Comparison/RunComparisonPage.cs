using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Writes a comparison of runs as a page.</summary>
internal static class RunComparisonPage
{
    private const int WidestValue = 120;

    public static string Write(RunComparison comparison, string? title)
    {
        var runs = comparison.Runs;
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Count(runs.Count, "run")} side by side",
            comparison.Differences.Count == 0 ? RunComparison.Same : "Only what differs is shown.");
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
        var names = NamesOf(runs);
        foreach (var group in comparison.Differences.GroupBy(difference => difference.Kind))
        {
            page.Gap();
            var mark = group.Key == RunDifferenceKind.Metric ? "#" : "";
            page.Table(
                [RunComparison.Word(group.Key), .. runs.Select(run => $"{names[run.Id]}{mark}")],
                group.Select(difference => (IReadOnlyList<(string Text, string? Class)>)
                [
                    (difference.Name, null),
                    .. RunComparison.Shown(difference, WidestValue).Select(value => (value, (string?)null)),
                ]));
        }

        WritePaired(page, comparison, names);
        return page.Build();
    }

    // An id begins with a time, and ends with what is its own: columns have room for the end. The first table has the whole.
    private static Dictionary<string, string> NamesOf(IReadOnlyList<FoundRun> runs)
    {
        var ends = runs.ToDictionary(run => run.Id, run => run.Id[(run.Id.LastIndexOf('-') + 1)..], StringComparer.Ordinal);
        return ends.Values.Distinct(StringComparer.Ordinal).Count() == runs.Count
            ? ends
            : runs.ToDictionary(run => run.Id, run => run.Id, StringComparer.Ordinal);
    }

    private static void WritePaired(HtmlPage page, RunComparison comparison, Dictionary<string, string> names)
    {
        if (comparison.Paired.Count + comparison.Unpaired.Count == 0) return;
        page.Heading("On the same rows of the holdout");
        foreach (var group in comparison.Paired.GroupBy(difference => (difference.Reference, difference.Level)))
        {
            page.Paragraph(
                $"Each run against {names[group.Key.Reference]}. A difference above 0 means that the run is better, whatever the " +
                $"direction of the metric. Each interval holds with {Prose.Number(100 * group.Key.Level, 3)} % by itself, not all of " +
                "them together.");
            page.Table(
                ["metric", "run", "rows#", "reference#", "run's value#", "better by#", "from#", "to#", "p#", "method"],
                group.Select(each => (IReadOnlyList<(string Text, string? Class)>)
                [
                    (each.Metric, null),
                    (names[each.Run], null),
                    (HtmlPage.Count(each.Rows), null),
                    (HtmlPage.Decimals(each.ReferenceValue), null),
                    (HtmlPage.Decimals(each.Value), null),
                    (Signed(each.Improvement), each.Lower > 0 ? "good" : each.Upper < 0 ? "bad" : null),
                    (Signed(each.Lower), null),
                    (Signed(each.Upper), null),
                    (HtmlPage.PValue(each.PValue), null),
                    (each.Method, null),
                ]));
        }

        if (comparison.Unpaired.Count > 0) page.List(comparison.Unpaired);
    }

    // A difference of a metric, to four digits: what HtmlPage.Decimals calls nothing may be what is looked for.
    private static string Signed(double value) => double.IsNaN(value) ? "–" : $"{(value > 0 ? "+" : "")}{HtmlPage.Number(value)}";
}
