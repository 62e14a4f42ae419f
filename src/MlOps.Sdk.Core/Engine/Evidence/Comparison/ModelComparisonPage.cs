using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Writes a comparison of versions as a page.</summary>
internal static class ModelComparisonPage
{
    private const int LongestWord = 40;

    public static string Write(ModelComparison comparison, string? title)
    {
        var (first, second) = (Name(comparison.First.Version), Name(comparison.Second.Version));
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Name(comparison.First.Model)}: {first} and {second}",
            comparison.Differences.Count + comparison.Drift.Count == 0
                ? ModelComparison.Same
                : "Only what differs is shown.");
        if (comparison.Answers is { } answers) page.Paragraph($"{answers}.");
        if (comparison.Notes.Count > 0) page.List(comparison.Notes);
        foreach (var group in comparison.Differences.GroupBy(difference => difference.Kind))
        {
            page.Heading(group.Key switch
            {
                ModelDifferenceKind.Metric => "Metrics",
                ModelDifferenceKind.Gate => "Gates",
                ModelDifferenceKind.Input => "Inputs",
                ModelDifferenceKind.Feature => "Features",
                _ => char.ToUpperInvariant(group.Key.ToString()[0]) + Prose.Words(group.Key.ToString())[1..],
            });
            page.Table(
                ["", first, second],
                group.Select(difference => (IReadOnlyList<(string, string?)>)
                    [(difference.Name, null), (Shown(difference, difference.First), null), (Shown(difference, difference.Second), null)]));
        }

        if (comparison.Drift.Count > 0)
        {
            page.Heading("Training rows, and the predictions on them").Table(
                ["column", "distance#", first, second],
                comparison.Drift.Select(drift => (IReadOnlyList<(string, string?)>)
                [
                    (HtmlPage.Name(drift.Column), null),
                    (HtmlPage.Decimals(drift.Distance), null),
                    (drift.First, null),
                    (drift.Second, null),
                ]));
        }

        return page.Build();
    }

    // Hashes would take all of the width; ModelComparison.Differences has them in full.
    private static string Shown(ModelDifference difference, string? value) => value is null ? "–"
        : difference.IsDecision ? value
        : string.Join(' ', value.Split(' ').Select(word => word.Length > LongestWord ? $"{word[..(LongestWord - 20)]}…" : word));

    private static string Name(int version) => $"version {HtmlPage.Count(version)}";
}
