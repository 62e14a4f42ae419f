using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Two versions of a model side by side: only what differs. Immutable.</summary>
public sealed record ModelComparison
{
    /// <summary>What is said of versions without a difference.</summary>
    internal const string Same = "They do not differ in anything that is recorded.";

    private const int WidestValue = 40;

    /// <summary>The first version.</summary>
    public required ModelVersion First { get; init; }

    /// <summary>The second version.</summary>
    public required ModelVersion Second { get; init; }

    /// <summary>In what they differ, by kind and name.</summary>
    public required IReadOnlyList<ModelDifference> Differences { get; init; }

    /// <summary>How far apart the training rows are, the columns that changed most first; empty where a package cannot be read.</summary>
    public required IReadOnlyList<BaselineDrift> Drift { get; init; }

    /// <summary>How they answer the same rows; <see langword="null"/> where they do not take the same rows, or cannot be read.</summary>
    public AnswerComparison? Answers { get; init; }

    /// <summary>What could not be compared, as sentences: a package that is lost, golden rows that the second version rejects.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The comparison as a page of HTML that needs nothing else.</summary>
    /// <param name="title">The title; by default the model and versions.</param>
    public string ToHtml(string? title = null) => ModelComparisonPage.Write(this, title);

    /// <summary>The comparison as a table of text: a line for each difference, a column for each version.</summary>
    public override string ToString()
    {
        List<string[]> lines = [["", $"version {HtmlPage.Count(First.Version)}", $"version {HtmlPage.Count(Second.Version)}"]];
        lines.AddRange(Differences.Select(difference => (string[])
        [
            PrintableText.ShortenTo($"{Prose.Words(difference.Kind.ToString())} {difference.Name}", 2 * WidestValue),
            difference.IsDecision ? difference.First ?? "–" : Shown(difference.First),
            difference.IsDecision ? difference.Second ?? "–" : Shown(difference.Second),
        ]));
        lines.AddRange(Drift.Select(drift => (string[])
        [
            PrintableText.ShortenTo($"drift {drift.Column} {HtmlPage.Decimals(drift.Distance)}", 2 * WidestValue),
            Shown(drift.First),
            Shown(drift.Second),
        ]));
        return (lines.Count == 1 ? $"{Same}{Environment.NewLine}" : SideBySide.Table(lines)) + string.Concat(
            Notes.Prepend(Answers?.ToString()).Where(line => line is not null).Select(line => $"{line}{Environment.NewLine}"));
    }

    private static string Shown(string? value) => value is null ? "–" : PrintableText.ShortenTo(value, WidestValue);
}
