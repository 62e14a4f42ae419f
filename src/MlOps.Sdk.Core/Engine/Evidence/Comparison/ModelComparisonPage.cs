using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Writes a comparison of versions as a page.</summary>
internal static class ModelComparisonPage
{
    public static string Write(ModelComparison comparison, string? title)
    {
        var (first, second) = (Name(comparison.First.Version), Name(comparison.Second.Version));
        var page = new HtmlPage(
            title ?? $"{HtmlPage.Name(comparison.First.Model)}: {first} and {second}",
            comparison.Differences.Count + comparison.Drift.Count == 0
                ? "They do not differ in anything that is recorded."
                : "Only what differs is shown.");
        if (comparison.Answers is { } answers) page.Paragraph($"{answers}.");
        foreach (var note in comparison.Notes) page.Alarm(note);
        foreach (var group in comparison.Differences.GroupBy(difference => difference.Kind))
        {
            page.Heading(char.ToUpperInvariant(group.Key.ToString()[0]) + Prose.Words(group.Key.ToString())[1..]);
            page.Table(
                ["", first, second],
                group.Select(difference => (IReadOnlyList<(string, string?)>)
                    [(difference.Name, null), (difference.First ?? "–", null), (difference.Second ?? "–", null)]));
        }

        if (comparison.Drift.Count > 0)
        {
            page.Heading("Training rows").Table(
                ["column", "distance#", first, second],
                comparison.Drift.Select(drift => (IReadOnlyList<(string, string?)>)
                    [(HtmlPage.Name(drift.Column), null), (HtmlPage.Decimals(drift.Distance), null), (drift.First, null), (drift.Second, null)]));
        }

        return page.Build();
    }

    private static string Name(int version) => $"version {HtmlPage.Count(version)}";
}
