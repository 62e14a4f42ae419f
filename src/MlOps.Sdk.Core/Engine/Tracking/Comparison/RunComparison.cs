using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tracking;

/// <summary>Runs side by side: only what differs.</summary>
public sealed record RunComparison
{
    private const int WidestValue = 40;

    /// <summary>The runs, as they were named.</summary>
    public required IReadOnlyList<FoundRun> Runs { get; init; }

    /// <summary>In what they differ: parameters, metrics, tags, datasets, environment, each by name.</summary>
    public required IReadOnlyList<RunDifference> Differences { get; init; }

    /// <summary>The comparison as a page of HTML that needs nothing else.</summary>
    /// <param name="title">The title; <see langword="null"/> for one of the library.</param>
    public string ToHtml(string? title = null) => RunComparisonPage.Write(this, title);

    /// <summary>The comparison as a table of text: a line for each difference, a column for each run.</summary>
    public override string ToString()
    {
        List<string[]> lines = [["", .. Runs.Select(run => run.Id)]];
        lines.Add(["state", .. Runs.Select(run => run.State.ToString())]);
        lines.AddRange(Differences.Select(difference => (string[])
        [
            $"{Word(difference.Kind)} {difference.Name}",
            .. difference.Values.Select(value => value is null ? "–" : PrintableText.ShortenTo(value, WidestValue)),
        ]));
        int[] widths = [.. Enumerable.Range(0, Runs.Count + 1).Select(column => lines.Max(line => line[column].Length))];
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendJoin("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).Length -= TrailingBlanks(text);
            text.AppendLine();
        }

        return text.ToString();
    }

    /// <summary>What a kind of differences is called.</summary>
    internal static string Word(RunDifferenceKind kind) => kind switch
    {
        RunDifferenceKind.Parameter => "parameter",
        RunDifferenceKind.Metric => "metric",
        RunDifferenceKind.Tag => "tag",
        RunDifferenceKind.Dataset => "dataset",
        _ => "environment",
    };

    private static int TrailingBlanks(StringBuilder text)
    {
        var count = 0;
        while (count < text.Length && text[text.Length - 1 - count] == ' ') count++;
        return count;
    }
}
